"""Its being here lets the tests import the packages beside it (``twin``, ``agreement``)."""
