"""What the tests need around the program: real servers, a host application's side, and the command line."""
