"""The first steps of every command: read the settings, and configure logs by them."""

import typer

from import_worker.cli.invocation import Invocation, invocation_of
from import_worker.settings import Settings
from import_worker.telemetry.lazy_logs import configure_lazily, configure_now


def load_settings(context: typer.Context, *, log_progress: bool = False) -> Settings:
    """Reads the settings and configures logs. ``log_progress``: shows lines of level info on a terminal, too.

    Raises UsageError.
    """
    settings = Settings.load()
    _configure(invocation_of(context), settings, verbose=log_progress)
    configure_now()
    return settings


def load_settings_for_reading(context: typer.Context) -> Settings:
    """As ``load_settings``, for a command that only reads the database and logs nothing."""
    settings = Settings.load()
    _configure(invocation_of(context), settings)
    return settings


def configure_for_doctor(context: typer.Context) -> None:
    """Configures logs as ``load_settings`` does, also where a setting is wrong: `doctor` names each of those itself."""
    settings, _ = Settings.load_valid()
    _configure(invocation_of(context), settings)
    configure_now()


def _configure(invocation: Invocation, settings: Settings, *, verbose: bool = False) -> None:
    invocation.production, invocation.stage = settings.production, settings.stage
    configure_lazily(production=settings.production, stage=settings.stage, verbose=invocation.debug or verbose)
