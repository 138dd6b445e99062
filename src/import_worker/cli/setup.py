"""What every command does first: read the settings and set up the logs by them."""

from import_worker.cli.state import state
from import_worker.settings import Settings
from import_worker.telemetry.late_logs import configure_late, configure_now


def load_settings(*, talkative: bool = False) -> Settings:
    """The settings, and logs set up by them; a ``talkative`` command shows what it does in log lines everywhere.

    Raises UsageError.
    """
    settings = Settings.load()
    _configure(settings, verbose=talkative)
    configure_now()
    return settings


def load_settings_to_look() -> Settings:
    """As ``load_settings``, for a command that only looks at the database and has nothing to log."""
    settings = Settings.load()
    _configure(settings)
    return settings


def configure_for_doctor() -> None:
    """Logs as ``load_settings`` sets them up, also where a setting is wrong: `doctor` names each of those itself."""
    settings, _ = Settings.load_what_is_right()
    _configure(settings)
    configure_now()


def _configure(settings: Settings, *, verbose: bool = False) -> None:
    state.production, state.stage = settings.production, settings.stage
    configure_late(production=settings.production, stage=settings.stage, verbose=state.debug or verbose)
