"""Which file holds which command."""

from import_worker.cli import control, demo, dispatch, doctor, inspect, run, schema, submit
from import_worker.cli.app import app


def register() -> None:
    """Adds every command to the program, in the order in which `--help` shows them."""
    app.command("demo")(demo.demo)
    app.command("init")(schema.init)
    app.command("submit")(submit.submit)
    app.command("run")(run.run)
    app.command("status")(inspect.status)
    app.command("list")(inspect.list_jobs)
    app.command("errors")(inspect.errors)
    app.command("cancel")(control.cancel)
    app.command("rollback")(control.rollback)
    app.command("retry")(run.retry)
    app.command("dispatch")(dispatch.dispatch)
    app.command("reap")(dispatch.reap)
    app.command("doctor")(doctor.doctor)
    app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(schema.psql)
