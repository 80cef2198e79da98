"""What people get wrong: each known mistake as a change of the layer, and which one explains a function."""
