"""What an upstream says it used: found wherever vendors put it, read by its shape, merged over a stream.

Pure. An upstream may be a stranger's server: nothing it writes can crash a request or mint money.
"""
