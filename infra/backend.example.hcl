bucket = "example-farebox-state"
