"""A model of one ONNX operator as protobuf bytes, so that ONNX Runtime is a peer without its package."""

FLOAT, INT, STRING, INTS = 1, 2, 3, 7


def _varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes([*encoded, number])


def _field(number, value):
    """One field: an int as a varint, text and messages with their length in front."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _attribute(name, value):
    if isinstance(value, list):
        values, kind = b"".join(_field(8, v) for v in value), INTS
    else:
        values, kind = (_field(3, value), INT) if isinstance(value, int) else (_field(4, value), STRING)
    return _field(1, name) + values + _field(20, kind)


def _tensor(name):
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT)))


def conv_model(inputs, operator="Conv", **attributes):
    """An operator from the named inputs to ``y``, by the field numbers of ONNX's onnx.proto."""
    node = b"".join(_field(1, name) for name in inputs) + _field(2, "y") + _field(4, operator)
    node += b"".join(_field(5, _attribute(*attribute)) for attribute in attributes.items())
    graph = _field(1, node) + _field(2, "g")
    graph += b"".join(_field(11, _tensor(name)) for name in inputs) + _field(12, _tensor("y"))
    return _field(1, 8) + _field(8, _field(1, "") + _field(2, 17)) + _field(7, graph)
