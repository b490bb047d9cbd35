"""The territory's accent colour, made readable on light and on dark pages."""

LIGHT = "#ffffff"
DARK = "#14181c"
ENOUGH = 4.5
"""The contrast WCAG 2.2 asks for between a text and its background (level AA)."""


def _channels(colour: str) -> tuple[int, int, int]:
    value = colour.lstrip("#")
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def _luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, background: str) -> str:
    """Return the colour, moved away from the background just enough to be read."""
    towards = 0 if _luminance(background) > 0.5 else 255
    for step in range(101):
        moved = "#" + "".join(
            f"{round(c + (towards - c) * step / 100):02x}" for c in _channels(colour)
        )
        # A margin: the wash behind table rows and marks is not quite the page colour.
        if contrast(moved, background) >= ENOUGH + 0.5:
            return moved
    return f"#{towards:02x}{towards:02x}{towards:02x}"


def style_sheet(accent: str) -> str:
    """Return the style sheet that sets the accent for both displays."""
    return (
        ":root {\n"
        f"  --charte-accent: {readable(accent, LIGHT)};\n"
        f"  --charte-accent-dark: {readable(accent, DARK)};\n"
        "}\n"
    )
