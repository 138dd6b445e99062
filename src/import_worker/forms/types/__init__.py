"""Field types, a file each: ``registry`` lists them, ``field_type`` says what each one must know."""
