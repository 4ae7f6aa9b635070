"""What Farebox carries on Firestore when it is large: by simulation, since nobody has 500 instances to spare for it.

`python -m benchmarks.scale` writes the figures of docs/scale.md anew.
"""
