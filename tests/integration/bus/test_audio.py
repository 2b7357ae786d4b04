"""Sound: a real PipeWire with a null sink, its PulseAudio server, and programs of a container that play and try to listen."""
import math
import os
import struct
import wave

from bus_place import PROJECT
from desktoptest import Product, check, check_equal, desktop_main, one_error_line, wait_until

PLAY = PROJECT + "[Display]\nWayland=no\n[Audio]\nPlayback=yes\n"
RATE = 48000


class Sound:
    """PipeWire, WirePlumber and pipewire-pulse with nothing but a null sink, and a tone to be played."""

    def __init__(self, place, project=PLAY):
        self.place = place
        self.product = Product(place)
        self.product.project("first", project)
        place.start_session_bus()
        # Which wants logind, and gives up where there is none.
        place.write("home/.config/wireplumber/bluetooth.lua.d/51-off.lua", "bluez_monitor.enabled = false\n")
        # The null sink's clock is a timer: no real-time rights are needed.
        for program, ready in (("pipewire", "pipewire-0"), ("wireplumber", None), ("pipewire-pulse", "pulse/native")):
            place.spawn([program])
            if ready:
                wait_until(lambda r=ready: os.path.exists(os.path.join(place.runtime, r)), 20, program)
        self.pactl("load-module", "module-null-sink", "sink_name=test", "object.linger=1")
        wait_until(lambda: "test" in self.pactl("list", "short", "sinks"), 20, "the null sink")
        self.pactl("set-default-sink", "test")

    def pactl(self, *words):
        return self.place.run(["pactl", *words], env=self.product.env).stdout

    def tone(self, where, seconds=20):
        path = os.path.join(where, "tone.wav")
        os.makedirs(where, exist_ok=True)
        with wave.open(path, "wb") as f:
            f.setnchannels(2)
            f.setsampwidth(2)
            f.setframerate(RATE)
            one = b"".join(struct.pack("<hh", *[int(12000 * math.sin(2 * math.pi * 440 * i / RATE))] * 2)
                           for i in range(RATE))
            f.writeframes(one * seconds)
        return path

    def loudest(self, seconds=1.0):
        """The loudest sample that comes out of the sink, as the host hears it."""
        path = os.path.join(self.place.path, "captured.raw")
        recorder = self.place.spawn(["parec", "--device=test.monitor", "--raw", "--format=s16le", path],
                                    env=self.product.env)
        size = int(seconds * RATE * 4)
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path) >= size, 30, "sound of the sink, be it silence")
        self.place.end(recorder)
        with open(path, "rb") as f:
            data = f.read()
        os.unlink(path)
        count = len(data) // 2
        return max(abs(v) for v in struct.unpack(f"<{count}h", data[:count * 2]))

    def inside(self, *words, **options):
        return self.product.run("run", "--project", "first", "--no-tty", "--", *words, **options)

    def spawn(self, *words, **options):
        return self.product.spawn("run", "--project", "first", "--no-tty", "--", *words, **options)


def playback(place):
    sound = Sound(place)
    sound.inside("true")
    tone = sound.tone(sound.product.home("first"))
    check(not sound.product.processes("isolate-audio"), "a container that makes no sound has a sound filter")
    check_equal(sound.loudest(), 0, "the sink before anything plays")
    player = sound.spawn("paplay", os.path.join(place.home, os.path.basename(tone)))
    wait_until(lambda: "paplay" in sound.pactl("list", "sink-inputs"), 20, "the stream")
    loud = sound.loudest()
    check(loud > 5000, f"the host hears {loud}")
    check_equal(player.poll(), None, f"the player, which plays: {place.log_text(player)}")
    place.end(player)
    wait_until(lambda: "paplay" not in sound.pactl("list", "sink-inputs"), 20, "the end of the stream")
    sound.product.run("stop", "first")
    sound.product.wait_gone()
    check(not sound.product.processes("isolate-audio"), "a sound filter is left")


def own_volume(place):
    """A program has the volume of its own streams, and not of others."""
    sound = Sound(place)
    sound.inside("true")
    tone = sound.tone(sound.product.home("first"))
    host = place.spawn(["paplay", tone], env=sound.product.env)
    wait_until(lambda: sound.pactl("list", "short", "sink-inputs"), 20, "the host's stream")
    index = sound.pactl("list", "short", "sink-inputs").split()[0]
    for words in (["set-sink-input-mute", index, "1"], ["set-sink-input-volume", index, "1%"], ["kill-client", "1"],
                  ["move-sink-input", index, "0"], ["set-sink-mute", "test", "1"], ["set-default-sink", "test"],
                  ["load-module", "module-null-sink"], ["unload-module", "1"], ["suspend-sink", "test", "1"],
                  ["list", "clients"], ["list", "modules"], ["list", "sink-inputs"], ["upload-sample", tone, "x"],
                  ["set-source-volume", "test.monitor", "100%"], ["send-message", "/core", "pipewire-pulse:malloc-info"]):
        done = sound.inside("pactl", *words, check=False)
        check(done.returncode != 0 and not done.stdout, f"pactl {words} inside: {done}")
    check("Mute: no" in sound.pactl("list", "sink-inputs"), "the host's stream was muted")
    check_equal(host.poll(), None, "the host's stream, which plays")
    place.end(host)


def properties(place):
    """PipeWire makes devices of streams with the right properties, to which others would then play or from which they would
    record: none is made, and the stream is one like others."""
    sound = Sound(place)
    sound.inside("true")
    tone = os.path.join(place.home, os.path.basename(sound.tone(sound.product.home("first"))))

    def devices():
        return [sound.pactl("list", "short", kind).split()[1::7] for kind in ("sinks", "sources")]
    before = devices()
    for kind in ("Audio/Sink", "Audio/Source", "Audio/Duplex", "Stream/Input/Audio"):
        words = ["--property=media.class=" + kind, "--property=node.name=mine", "--property=stream.capture.sink=true"]
        player = sound.spawn("pacat", *words, tone)
        wait_until(lambda: "pacat" in sound.pactl("list", "sink-inputs"), 20, f"the stream with {kind}")
        check_equal(devices(), before, f"devices with {kind}")
        listed = sound.pactl("list", "sink-inputs")
        check_equal([kind in line for line in listed.splitlines() if "media.class" in line], [False], "what it is")
        place.end(player)
        wait_until(lambda: "pacat" not in sound.pactl("list", "sink-inputs"), 20, "the end of the stream")
    # The host's own program does get a device, so that this can fail.
    host = place.spawn(["pacat", "--property=media.class=Audio/Sink", "/dev/zero"], env=sound.product.env)
    wait_until(lambda: devices() != before, 20, "a device of the host's program")
    place.end(host)


def record_no(place):
    """Neither the microphone nor what others play is heard, by no program that asks for it."""
    sound = Sound(place)
    sound.inside("true")
    tone = sound.tone(sound.product.home("first"))
    host = place.spawn(["paplay", tone], env=sound.product.env)
    wait_until(lambda: sound.pactl("list", "short", "sink-inputs"), 20, "the host's stream")
    for device in ("test.monitor", "@DEFAULT_MONITOR@", "@DEFAULT_SOURCE@", ""):
        words = ["timeout", "3", "parec", *([f"--device={device}"] if device else []), "--raw", "heard.raw"]
        done = sound.inside(*words, check=False)
        check(done.returncode != 0, f"{words} inside: {done}")
        heard = os.path.join(sound.product.home("first"), "heard.raw")
        check(not os.path.exists(heard) or os.path.getsize(heard) == 0, f"{device!r} was heard inside")
    # PipeWire's own socket would be a way around.
    done = sound.inside("timeout", "3", "pw-record", "heard.wav", check=False)
    check(done.returncode != 0, f"pw-record inside: {done}")
    check(not os.path.exists(os.path.join(sound.product.home("first"), "heard.wav")) or
          os.path.getsize(os.path.join(sound.product.home("first"), "heard.wav")) < 100, "PipeWire is reached inside")
    place.end(host)


def record_yes(place):
    """Where it may, it hears: so the test above can fail."""
    sound = Sound(place, PLAY + "Record=yes\n")
    sound.inside("true")
    tone = sound.tone(sound.product.home("first"))
    host = place.spawn(["paplay", tone], env=sound.product.env)
    wait_until(lambda: sound.pactl("list", "short", "sink-inputs"), 20, "the host's stream")
    done = sound.inside("timeout", "3", "parec", "--device=test.monitor", "--raw", "--format=s16le", "heard.raw", check=False)
    path = os.path.join(sound.product.home("first"), "heard.raw")
    check(os.path.exists(path) and os.path.getsize(path) > RATE, f"nothing is heard inside: {done}")
    with open(path, "rb") as f:
        data = f.read()
    check(max(data) > 0, "what is heard inside is silent")
    done = sound.inside("pactl", "load-module", "module-null-sink", check=False)
    check(done.returncode != 0, "a module is loaded")
    place.end(host)


def no_sound(place):
    """Without [Audio] there is no socket; without a server, one that says so at once."""
    sound = Sound(place, PLAY.replace("Playback=yes", "Playback=no"))
    done = sound.inside("sh", "-c", "ls $XDG_RUNTIME_DIR/pulse; pactl info", check=False)
    check(done.returncode != 0 and "No such file" in done.stderr, f"there is sound: {done}")
    sound.product.run("stop", "first")
    sound.product.wait_gone()


def no_server(place):
    product = Product(place)
    product.project("first", PLAY)
    done = product.run("run", "--project", "first", "--no-tty", "--", "pactl", "info", check=False)
    check(done.returncode != 0, f"a server answers: {done}")
    check_equal(product.run("run", "--project", "first", "--no-tty", "--", "echo", "works").stdout, "works\n", "a program")


desktop_main(playback, own_volume, properties, record_no, record_yes, no_sound, no_server,
             needs=["bwrap", "dbus-daemon", "pipewire", "pipewire-pulse", "wireplumber", "pactl", "paplay", "parec"])
