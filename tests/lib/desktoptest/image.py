"""Pictures: reading PPM and PNG, comparing, writing a picture of the difference."""
import struct
import zlib


class Image:
    """width, height and pixels, three bytes (red, green, blue) each."""

    def __init__(self, width, height, pixels):
        if len(pixels) != width * height * 3:
            raise ValueError("the pixels do not fill the picture")
        self.width, self.height, self.pixels = width, height, bytes(pixels)

    def __eq__(self, other):
        return (self.width, self.height, self.pixels) == (other.width, other.height, other.pixels)

    @classmethod
    def read(cls, path):
        with open(path, "rb") as f:
            data = f.read()
        return cls._from_png(data) if data.startswith(b"\x89PNG") else cls._from_ppm(data)

    @classmethod
    def _from_ppm(cls, data):
        magic, width, height, maximum = data.split(maxsplit=4)[:4]
        if magic != b"P6" or maximum != b"255":
            raise ValueError("not a P6 picture with 255 levels")
        width, height = int(width), int(height)
        return cls(width, height, data[-width * height * 3:])

    @classmethod
    def _from_png(cls, data):
        at, parts = 8, []
        while at < len(data):
            length, kind = struct.unpack_from(">I4s", data, at)
            body = data[at + 8:at + 8 + length]
            at += length + 12
            if kind == b"IHDR":
                width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
            elif kind == b"IDAT":
                parts.append(body)
        channels = {2: 3, 6: 4}.get(colour)
        if depth != 8 or not channels or interlace:
            raise ValueError("only PNG with 8 bits of RGB or RGBA")
        raw = _unfilter(zlib.decompress(b"".join(parts)), width * channels, height, channels)
        if channels == 4:
            rgb = bytearray(width * height * 3)
            for c in range(3):
                rgb[c::3] = raw[c::4]
            raw = rgb
        return cls(width, height, raw)

    def write(self, path):
        """PNG."""
        stride = self.width * 3
        rows = b"".join(b"\0" + self.pixels[y * stride:(y + 1) * stride] for y in range(self.height))
        with open(path, "wb") as f:
            f.write(b"\x89PNG\r\n\x1a\n")
            for kind, body in ((b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)),
                               (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b"")):
                f.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))

    def pixel(self, x, y):
        at = (y * self.width + x) * 3
        return tuple(self.pixels[at:at + 3])

    def colours(self):
        """How many different colours there are: 1 is an empty screen."""
        return len({self.pixels[i:i + 3] for i in range(0, len(self.pixels), 3)})

    def crop(self, x, y, width, height):
        rows = (self.pixels[((y + r) * self.width + x) * 3:((y + r) * self.width + x + width) * 3]
                for r in range(height))
        return Image(width, height, b"".join(rows))

    def difference(self, other, tolerance=0):
        """The share of pixels, 0 to 1, of which a channel differs by more than tolerance."""
        if (self.width, self.height) != (other.width, other.height):
            return 1.0
        if self.pixels == other.pixels:
            return 0.0
        return sum(self._differing(other, tolerance)) / (self.width * self.height)

    def difference_picture(self, other, tolerance=0):
        """White where they differ."""
        return Image(self.width, self.height, b"".join(
            b"\xff\xff\xff" if d else b"\0\0\0" for d in self._differing(other, tolerance)))

    def _differing(self, other, tolerance):
        stride = self.width * 3
        for row in range(0, len(self.pixels), stride):
            a, b = self.pixels[row:row + stride], other.pixels[row:row + stride]
            if a == b:
                yield from (False for _ in range(self.width))
                continue
            far = [abs(p - q) > tolerance for p, q in zip(a, b)]
            yield from (any(far[i:i + 3]) for i in range(0, stride, 3))


def _unfilter(data, stride, height, channels):
    """Undoes the filters of PNG (https://www.w3.org/TR/png/#9Filters)."""
    out, before = bytearray(), bytearray(stride)
    for row in range(height):
        start = row * (stride + 1)
        kind, line = data[start], bytearray(data[start + 1:start + 1 + stride])
        if kind == 1:
            for i in range(channels, stride):
                line[i] = (line[i] + line[i - channels]) & 255
        elif kind == 2:
            line = bytearray((a + b) & 255 for a, b in zip(line, before))
        elif kind == 3:
            for i in range(stride):
                left = line[i - channels] if i >= channels else 0
                line[i] = (line[i] + (left + before[i]) // 2) & 255
        elif kind == 4:
            for i in range(stride):
                left, corner = (line[i - channels], before[i - channels]) if i >= channels else (0, 0)
                line[i] = (line[i] + _paeth(left, before[i], corner)) & 255
        elif kind != 0:
            raise ValueError(f"PNG filter {kind}")
        out += line
        before = line
    return out


def _paeth(left, above, corner):
    estimate = left + above - corner
    to_left, to_above, to_corner = abs(estimate - left), abs(estimate - above), abs(estimate - corner)
    if to_left <= to_above and to_left <= to_corner:
        return left
    return above if to_above <= to_corner else corner
