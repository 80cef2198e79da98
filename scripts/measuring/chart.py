"""Line charts as SVG text for a page: they take the page's colours, so they follow light and dark."""

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 560, 400
LEFT, RIGHT, BOTTOM = 66, 16, 48
KEY_COLUMN, KEY_ROW, SAMPLE = 270, 20, 34  # of the names of the lines, two in a row above the plot
DASHES = ("none", "6 4", "2 3", "9 3 2 3", "1 4")


@dataclass(frozen=True)
class Series:
    """One line: its name, and its points (x, y), all above zero."""

    name: str
    points: list[tuple[float, float]]


def log_log_chart(title: str, x_name: str, y_name: str, series: list[Series], alternative: str) -> str:
    """A chart with two logarithmic axes.

    Args:
        title: what it shows, in a few words.
        x_name: the quantity along the bottom, with its unit.
        y_name: the quantity at the side, with its unit.
        series: the lines.
        alternative: what a reader who does not see it should know.

    Returns:
        An inline ``svg`` element with classes for its colours.
    """
    xs = [x for s in series for x, _ in s.points]
    ys = [y for s in series for _, y in s.points]
    top = 12 + KEY_ROW * ceil(len(series) / 2)
    x0, x1 = floor(log10(min(xs))), ceil(log10(max(xs)))
    y0, y1 = floor(log10(min(ys))), ceil(log10(max(ys)))

    def across(x: float) -> float:
        return round(LEFT + (log10(x) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT), 1)

    def up(y: float) -> float:
        return round(HEIGHT - BOTTOM - (log10(y) - y0) / (y1 - y0) * (HEIGHT - top - BOTTOM), 1)

    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(alternative)}" '
        'xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(title)}</title>",
    ]
    for power in range(x0, x1 + 1):
        x = across(10.0**power)
        parts.append(f'<path class="chart-grid" d="M{x} {top}V{bottom}"/>')
        parts.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{_power(power)}</text>')
    for power in range(y0, y1 + 1):
        y = up(10.0**power)
        parts.append(f'<path class="chart-grid" d="M{LEFT} {y}H{right}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{_power(power)}</text>')
    parts.append(
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_name)}</text>'
    )
    middle = (top + bottom) / 2
    parts.append(
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{escape(y_name)}</text>'
    )
    for number, line in enumerate(series):
        places = [(across(x), up(y)) for x, y in line.points]
        path = "L".join(f"{x} {y}" for x, y in places)
        row, column = divmod(number, 2)
        x, y = 10 + column * KEY_COLUMN, 12 + row * KEY_ROW
        dash = f' stroke-dasharray="{DASHES[number % len(DASHES)]}"'
        parts.append(f'<g class="chart-line chart-{number}"><path d="M{path}"{dash}/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3"/>' for x, y in [*places, (x + SAMPLE / 2, y)]]
        parts.append(f'<path d="M{x} {y}H{x + SAMPLE}"{dash}/>')
        parts.append(f'<text x="{x + SAMPLE + 8}" y="{y + 4}">{escape(line.name)}</text></g>')
    return "".join([*parts, "</svg>"])


def _power(power: int) -> str:
    return f'10<tspan dy="-5" font-size="70%">{str(power).replace("-", "−")}</tspan>'
