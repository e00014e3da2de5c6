"""How unusual a payment is: measures of behaviour, two models, detectors of typologies, and reasons in words.

Pure code over columns of numbers: it knows neither database nor request, so that a stream from a file, a benchmark and
the live house get the same numbers from the same movements.
"""
