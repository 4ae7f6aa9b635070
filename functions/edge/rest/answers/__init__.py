"""Answers that several edges give: their shapes, and how each is made of what is stored. May import the rest of
`edge.rest`, and nothing there imports these."""
