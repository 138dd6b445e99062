"""Field types, one file each: ``registry`` lists them, ``field_type`` defines what each one must answer."""
