"""File operations: a small file system in memory with the 18 functions of BFCL's GorillaFileSystem.

Names, parameters and result keys are the leaderboard's. A call works on names in the current directory; only `find`
takes a path. State: `{"root": {name: tree}, "cwd": "/name/..."}`, where a tree is an object (a directory, from names to
trees) or a string (a file, its content).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Directory = dict[str, Any]

FORBIDDEN = frozenset('|/\\?%*:"><')
"""Characters that no name may contain."""

DEVIATIONS: dict[str, str] = {
    "cd-parent": "`cd ..` answers with the directory it arrives in, as documented; the original with an empty object",
    "tail-count": "0 lines give no line and a negative count is an error; the original gives the file or a part of it",
    "copy-shares": "a copied directory shares nothing with its source; in the original a write shows up in both",
    "move-parent": "`cd ..` inside a moved directory leads up; in the original to a stale directory with the old name",
    "into-itself": "a directory put into itself is an error; in the original it is lost or contains itself",
    "copy-collision": "`cp` into a directory that holds the name is an error; the original raises an exception",
    "echo-directory": "`echo` to a directory is an error; the original raises an exception",
    "destination-name": "`mv` and `cp` refuse the new names that `touch` and `mkdir` refuse; the original only a slash",
    "empty-and-dot-names": "an empty name, `.` and `..` cannot be made; the original makes entries that cannot be used",
}
"""Where this world differs from the original on purpose, and why. `docs/files-world.md` has the same list."""

FileName = Annotated[str, "file in the current directory"]


class Files(World):
    """A tree of directories and text files, and a current directory."""

    domain = "files"

    def __init__(self, state: Mapping[str, Any]) -> None:
        """Take over a state.

        Raises:
            ValueError: the state is not of the form that the module describes.
        """
        root = state.get("root")
        if not isinstance(root, dict) or len(root) != 1:
            raise ValueError("files: 'root' must be an object with one key, the name of the root directory")
        self._name: str = next(iter(root))
        self._root: Directory = copied(root[self._name])
        if (fault := _tree_fault(root)) is not None or not isinstance(self._root, dict):
            raise ValueError(f"files: {fault or 'the root must be a directory'}")
        first, *self._path = str(state.get("cwd", f"/{self._name}")).strip("/").split("/")
        if first != self._name or self._walk(self._root, self._path) is None:
            raise ValueError(f"files: there is no directory {state.get('cwd')!r} to start in")

    def state(self) -> dict[str, Any]:
        return {"root": copied({self._name: self._root}), "cwd": self._cwd()}

    def outcome(self) -> dict[str, Any]:
        return {"root": copied({self._name: self._root})}

    @tool
    def cat(self, file_name: FileName) -> dict[str, Any]:
        """Show the content of a file."""
        return {"file_content": self._file(file_name)}

    @tool
    def cd(self, folder: Annotated[str, "folder here, '..' for the parent, '/' for the root"]) -> dict[str, Any]:
        """Go to another folder, one level at a time."""
        folder = folder.rstrip("/")
        if folder == "":
            self._path = []
        elif folder == "..":
            if not self._path:
                raise ToolError("already in the root directory")
            self._path.pop()
        elif folder != ".":
            self._directory(folder)
            self._path.append(folder)
        return {"current_working_directory": self._path[-1] if self._path else self._name}

    @tool
    def cp(
        self,
        source: Annotated[str, "file or folder to copy"],
        destination: Annotated[str, "folder to copy into, or new name"],
    ) -> dict[str, Any]:
        """Copy a file or folder."""
        target, name = self._place(source, destination)
        target[name] = copied(self._here()[source])
        return {"result": f"'{source}' copied to '{self._shown(source, destination, name)}'"}

    @tool
    def diff(
        self, file_name1: Annotated[str, "first file"], file_name2: Annotated[str, "second file"]
    ) -> dict[str, Any]:
        """Compare two files line by line."""
        pairs = zip(self._file(file_name1).splitlines(), self._file(file_name2).splitlines(), strict=False)
        return {"diff_lines": "\n".join(f"- {one}\n+ {two}" for one, two in pairs if one != two)}

    @tool
    def du(self, human_readable: Annotated[bool, "show the size in B, KB, MB, ..."] = False) -> dict[str, Any]:
        """Show how much space the current directory takes."""
        size = _size(self._here())
        return {"disk_usage": _human(size) if human_readable else f"{size} bytes"}

    @tool
    def echo(
        self,
        content: Annotated[str, "text to write"],
        file_name: Annotated[str | None, "existing file to write to; shown only, if not given"] = None,
    ) -> dict[str, Any]:
        """Write text to a file, replacing its content, or show it."""
        if not file_name:
            return {"terminal_output": content}
        self._file(file_name)
        self._here()[file_name] = content
        return {}

    @tool
    def find(
        self,
        path: Annotated[str, "folder to search in"] = ".",
        name: Annotated[str | None, "part of the name to search for; all, if not given"] = None,
    ) -> dict[str, Any]:
        """Find files and folders by name, in all subfolders too."""
        start = self._root if path.startswith("/") else self._here()
        directory = start if path == "/" else self._walk(start, path.strip("/").split("/"))
        if directory is None:
            raise ToolError(f"no such directory: '{path}'")
        below = _below(directory, path.rstrip("/"))
        return {"matches": [found for found, entry in below if name is None or name in entry]}

    @tool
    def grep(self, file_name: FileName, pattern: Annotated[str, "text to search for"]) -> dict[str, Any]:
        """Show the lines of a file that contain a text."""
        return {"matching_lines": [line for line in self._file(file_name).splitlines() if pattern in line]}

    @tool
    def ls(self, a: Annotated[bool, "show hidden names too"] = False) -> dict[str, Any]:
        """List the current directory."""
        return {"current_directory_content": [name for name in self._here() if a or not name.startswith(".")]}

    @tool
    def mkdir(self, dir_name: Annotated[str, "name of the new folder"]) -> dict[str, Any]:
        """Make a folder in the current directory."""
        self._free(dir_name)
        self._here()[dir_name] = {}
        return {}

    @tool
    def mv(
        self,
        source: Annotated[str, "file or folder to move"],
        destination: Annotated[str, "folder to move into, or new name"],
    ) -> dict[str, Any]:
        """Move or rename a file or folder."""
        target, name = self._place(source, destination)
        target[name] = self._here().pop(source)
        return {"result": f"'{source}' moved to '{self._shown(source, destination, name)}'"}

    @tool
    def pwd(self) -> dict[str, Any]:
        """Show the path of the current directory."""
        return {"current_working_directory": self._cwd()}

    @tool
    def rm(self, file_name: Annotated[str, "file or folder to remove"]) -> dict[str, Any]:
        """Remove a file or a folder with all it contains."""
        self._entry(file_name)
        del self._here()[file_name]
        return {"result": f"'{file_name}' removed"}

    @tool
    def rmdir(self, dir_name: Annotated[str, "empty folder to remove"]) -> dict[str, Any]:
        """Remove an empty folder."""
        if self._directory(dir_name):
            raise ToolError(f"directory not empty: '{dir_name}'")
        del self._here()[dir_name]
        return {"result": f"'{dir_name}' removed"}

    @tool
    def sort(self, file_name: FileName) -> dict[str, Any]:
        """Show the lines of a file in sorted order; the file stays as it is."""
        return {"sorted_content": "\n".join(sorted(self._file(file_name).splitlines()))}

    @tool
    def tail(self, file_name: FileName, lines: Annotated[int, "how many lines"] = 10) -> dict[str, Any]:
        """Show the last lines of a file."""
        if lines < 0:
            raise ToolError(f"not a number of lines: {lines}")
        content = self._file(file_name).splitlines()
        return {"last_lines": "\n".join(content[max(len(content) - lines, 0) :])}

    @tool
    def touch(self, file_name: Annotated[str, "name of the new file"]) -> dict[str, Any]:
        """Make an empty file in the current directory."""
        self._free(file_name)
        self._here()[file_name] = ""
        return {}

    @tool
    def wc(
        self, file_name: FileName, mode: Annotated[Literal["l", "w", "c"], "l lines, w words, c characters"] = "l"
    ) -> dict[str, Any]:
        """Count the lines, words or characters of a file."""
        text = self._file(file_name)
        if mode == "l":
            return {"count": len(text.splitlines()), "type": "lines"}
        if mode == "w":
            return {"count": len(text.split()), "type": "words"}
        return {"count": len(text), "type": "characters"}

    def _cwd(self) -> str:
        return "/" + "/".join([self._name, *self._path])

    @staticmethod
    def _walk(start: Directory, names: list[str]) -> Directory | None:
        """The directory that the names lead to; `.` stays, and there is no way up."""
        for name in names:
            entry = start if name == "." else start.get(name)
            if not isinstance(entry, dict):
                return None
            start = entry
        return start

    def _here(self) -> Directory:
        directory = self._walk(self._root, self._path)
        assert directory is not None
        return directory

    def _entry(self, name: str) -> Directory | str:
        if name not in self._here():
            raise ToolError(f"no such file or directory: '{name}'")
        entry: Directory | str = self._here()[name]
        return entry

    def _file(self, name: str) -> str:
        entry = self._entry(name)
        if not isinstance(entry, str):
            raise ToolError(f"is a directory: '{name}'")
        return entry

    def _directory(self, name: str) -> Directory:
        entry = self._entry(name)
        if isinstance(entry, str):
            raise ToolError(f"not a directory: '{name}'")
        return entry

    def _free(self, name: str) -> None:
        if not _valid(name):
            raise ToolError(f"not a valid name: '{name}'")
        if name in self._here():
            raise ToolError(f"already exists: '{name}'")

    def _place(self, source: str, destination: str) -> tuple[Directory, str]:
        """The directory and the name under which a moved or copied entry will stand."""
        self._entry(source)
        if destination not in self._here():
            self._free(destination)
            return self._here(), destination
        target = self._directory(destination)
        if destination == source:
            raise ToolError(f"cannot put '{source}' into itself")
        if source in target:
            raise ToolError(f"already exists: '{destination}/{source}'")
        return target, source

    @staticmethod
    def _shown(source: str, destination: str, name: str) -> str:
        return destination if name == destination else f"{destination}/{source}"


def _valid(name: str) -> bool:
    return name not in ("", ".", "..") and FORBIDDEN.isdisjoint(name)


def _tree_fault(tree: Mapping[str, Any]) -> str | None:
    """What is wrong with a directory of a state, or None."""
    for name, entry in tree.items():
        if not _valid(name):
            return f"{name!r} is not a valid name"
        if isinstance(entry, dict):
            if (fault := _tree_fault(entry)) is not None:
                return fault
        elif not isinstance(entry, str):
            return f"{name!r} must be an object (a directory) or a string (a file)"
    return None


def _below(directory: Directory, path: str) -> Iterator[tuple[str, str]]:
    """Path and name of everything below a directory, each folder before what it contains."""
    for name, entry in directory.items():
        yield f"{path}/{name}", name
        if isinstance(entry, dict):
            yield from _below(entry, f"{path}/{name}")


def _size(entry: Directory | str) -> int:
    """Bytes of all file contents, in UTF-8."""
    return len(entry.encode()) if isinstance(entry, str) else sum(map(_size, entry.values()))


def _human(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
