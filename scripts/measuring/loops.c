/* A convolution as plain loops, the way one writes it first: the rival of the unrolled product. */
void convolve(const double *x, const double *w, double *y, long channels, long height, long width,
              long filters, long kernel_height, long kernel_width) {
  long rows = height - kernel_height + 1, columns = width - kernel_width + 1;
  for (long f = 0; f < filters; f++)
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) {
        double sum = 0;
        for (long c = 0; c < channels; c++)
          for (long a = 0; a < kernel_height; a++)
            for (long b = 0; b < kernel_width; b++)
              sum += w[((f * channels + c) * kernel_height + a) * kernel_width + b] *
                     x[(c * height + i + a) * width + j + b];
        y[(f * rows + i) * columns + j] = sum;
      }
}
