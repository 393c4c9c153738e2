"""Builds the Debian package that Cargo.toml describes, and looks into it (usage: package.py WENLIU_BINARY FOLDER)."""

import glob
import os
import shutil
import subprocess
import sys
import tomllib


def main():
    binary, work = sys.argv[1:]
    package = tomllib.load(open("Cargo.toml", "rb"))["package"]
    deb = package["metadata"]["deb"]
    root = os.path.join(work, "package")
    for source, target, mode in deb["assets"]:
        built = source == "target/release/wenliu"
        files = [binary] if built else glob.glob(source)
        assert files, f"Cargo.toml names {source}, which is not there"
        for path in files:
            name = "wenliu" if built else os.path.basename(path)
            place = os.path.join(root, target, name) if target.endswith("/") else os.path.join(root, target)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            shutil.copyfile(path, place)
            os.chmod(place, int(mode, 8))
    for conf in deb["conf-files"]:
        assert os.path.isfile(root + conf), f"{conf} is no file of the package"
    os.makedirs(root + "/DEBIAN")
    with open(root + "/DEBIAN/control", "w", encoding="utf-8") as control:
        control.write(f"Package: wenliu\nVersion: {package['version']}\nArchitecture: all\n")
        control.write(f"Section: {deb['section']}\nPriority: optional\nMaintainer: {deb['maintainer']}\n")
        control.write(f"Description: {package['description']}\n")
        control.writelines(f" {line}\n" for line in deb["extended-description"].splitlines())
    if shutil.which("dpkg-deb"):
        subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, work + "/wenliu.deb"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["dpkg-deb", "-x", work + "/wenliu.deb", work + "/unpacked"], check=True)
        subprocess.run([work + "/unpacked/usr/bin/wenliu", "--version"], check=True, stdout=subprocess.DEVNULL)
        settings = work + "/unpacked/etc/wenliu/wenliu.toml"
        subprocess.run([work + "/unpacked/usr/bin/wenliu", "config", "-c", settings], check=True, stdout=subprocess.DEVNULL)
    else:
        print("left out: no dpkg-deb on this machine (building the package)")


main()
