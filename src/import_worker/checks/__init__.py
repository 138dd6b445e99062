"""The checks of `doctor`: one file per area, each independent of the others. Only `doctor` reads settings."""
