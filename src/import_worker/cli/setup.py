"""What every command does first: read the settings and set up the logs by them."""

import typer

from import_worker.cli.invocation import Invocation, invocation_of
from import_worker.settings import Settings
from import_worker.telemetry.lazy_logs import configure_lazily, configure_now


def load_settings(context: typer.Context, *, talkative: bool = False) -> Settings:
    """The settings, and logs set up by them; a ``talkative`` command shows what it does in log lines everywhere.

    Raises UsageError.
    """
    settings = Settings.load()
    _configure(invocation_of(context), settings, verbose=talkative)
    configure_now()
    return settings


def load_settings_to_look(context: typer.Context) -> Settings:
    """As ``load_settings``, for a command that only looks at the database and has nothing to log."""
    settings = Settings.load()
    _configure(invocation_of(context), settings)
    return settings


def configure_for_doctor(context: typer.Context) -> None:
    """Logs as ``load_settings`` sets them up, also where a setting is wrong: `doctor` names each of those itself."""
    settings, _ = Settings.load_what_is_right()
    _configure(invocation_of(context), settings)
    configure_now()


def _configure(invocation: Invocation, settings: Settings, *, verbose: bool = False) -> None:
    invocation.production, invocation.stage = settings.production, settings.stage
    configure_lazily(production=settings.production, stage=settings.stage, verbose=invocation.debug or verbose)
