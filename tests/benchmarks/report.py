"""How figures are printed: a table of clients, then each goal and whether it was reached."""

from typing import Final

_NAME: Final = 34


def heading(text: str) -> None:
    """What is measured, and how."""
    print(f"\n{text}", flush=True)


def columns(*names: str) -> None:
    """The heads of a table."""
    print(f"  {'':{_NAME}}" + "".join(f" {name:>13}" for name in names), flush=True)


def row(name: str, *cells: str) -> None:
    """One line of a table."""
    print(f"  {name:{_NAME}}" + "".join(f" {cell:>13}" for cell in cells), flush=True)


def goal(
    name: str, figure: float, unit: str, *, most: float | None = None, least: float | None = None
) -> None:
    """A figure beside the goal it is meant to reach."""
    if most is not None:
        said, reached = f"≤ {most:,g}", figure <= most
    else:
        assert least is not None
        said, reached = f"≥ {least:,g}", figure >= least
    shown = f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:,.2f}"
    print(
        f"  {name:{_NAME}} {f'{shown} {unit}':<14} goal: {f'{said} {unit}':<14}"
        f"{'reached' if reached else 'MISSED'}",
        flush=True,
    )
