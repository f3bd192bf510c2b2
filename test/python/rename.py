"""Renames everything that a test program defines, so that no answer can come from a telling name.

    python3.13 rename.py PROGRAM SEED FOLDER

PROGRAM is a file, or the entry file of a folder program (all .py files of its folder then belong to it). The renamed
files go to FOLDER with line numbers, formatting, comments and strings as they were. Prints JSON:
{"entry": path, "names": {old: new}, "kept": [names that a library also uses], "expect": the header, renamed}.

Needs CPython 3.12 or newer: only there do names inside f-strings have positions. The programs keep to what this can
tell apart: one new name for one old name in the whole program, and no attribute by string (getattr, globals()).
"""
import ast
import builtins
import importlib
import io
import json
import keyword
import os
import random
import re
import sys
import tokenize

CONVENTIONS = {"self", "cls", "_"}
WORD = re.compile(r"[A-Za-z_]\w*")


class Definitions(ast.NodeVisitor):
    """Collects what a file defines: `names` (variables, functions, classes, parameters) and `attributes`."""

    def __init__(self):
        self.names = set()
        self.attributes = set()
        self.libraries = set()
        self.in_class = False

    def define(self, name):
        self.names.add(name)
        if self.in_class:
            self.attributes.add(name)

    def visit_body(self, node, in_class):
        self.define(node.name)
        before, self.in_class = self.in_class, in_class
        self.generic_visit(node)
        self.in_class = before

    def visit_ClassDef(self, node):
        self.visit_body(node, True)

    def visit_FunctionDef(self, node):
        self.visit_body(node, False)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node):
        self.names.add(node.arg)
        self.generic_visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.define(node.id)

    def visit_Attribute(self, node):
        if isinstance(node.ctx, ast.Store):
            self.attributes.add(node.attr)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    def visit_Import(self, node):
        self.libraries.update(alias.name for alias in node.names)

    def visit_ImportFrom(self, node):
        if node.module and not node.level:
            self.libraries.add(node.module)


def library_attributes(libraries):
    """Every attribute of the built-in types, of the imported modules and of what these modules define."""
    things = list(vars(builtins).values())
    things += [type(thing) for thing in (iter([]), main, (0 for _ in ()), re, io.StringIO(), sys._getframe())]
    for library in libraries:
        module = importlib.import_module(library)
        things += [module, *vars(module).values()]
        # instances of library classes have attributes that only __init__ makes
        things += [instance for name, make in vars(module).items() if (instance := instance_of(name, make))]
    return {name for thing in things for name in dir(thing)} | {"currsize", "maxsize", "hits", "misses"}


def instance_of(name, make):
    if name not in {"Thread", "Queue", "Event", "Lock"}:
        return None
    return make()


class Renamer(ast.NodeVisitor):
    """Collects the edits of one file: (line, first byte, bytes of the old name, new name)."""

    def __init__(self, source, names, attributes, modules):
        self.lines = source.splitlines(keepends=True)
        self.tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
        self.names, self.attributes, self.modules = names, attributes, modules
        self.edits = set()

    def edit(self, line, column, old, new):
        assert self.lines[line - 1][column : column + len(old)] == old.encode(), (line, column, old)
        self.edits.add((line, column, old, new))

    def edit_token(self, node, old, new):
        """Renames `old` wherever it is a token of the node's own lines (names that have no position of their own)."""
        first = (node.lineno, node.col_offset)
        last = (node.end_lineno, node.end_col_offset)
        for token in self.tokens:
            if token.type == tokenize.NAME and token.string == old and first <= token.start < last:
                self.edit(*token.start, old, new)

    def edit_definition(self, node, keywords):
        new = self.names.get(node.name) if not self.in_class(node) else self.attributes.get(node.name)
        if new is None:
            return
        for before, token in zip(self.tokens, self.tokens[1:]):
            if before.string in keywords and token.string == node.name and token.start >= (node.lineno, node.col_offset):
                self.edit(*token.start, node.name, new)
                return

    def in_class(self, node):
        return getattr(node, "in_class", False)

    def visit_ClassDef(self, node):
        for child in node.body:
            child.in_class = True
            for target in getattr(child, "targets", [getattr(child, "target", None)]):
                if target is not None:
                    target.in_class = True
                    self.slot_strings(child, target)
        self.edit_definition(node, ("class",))
        self.generic_visit(node)

    def slot_strings(self, assignment, target):
        """The strings of __slots__ are attribute names."""
        if getattr(target, "id", "") != "__slots__":
            return
        for string in ast.walk(assignment.value):
            if isinstance(string, ast.Constant) and string.value in self.attributes:
                self.edit(string.lineno, string.col_offset + 1, string.value, self.attributes[string.value])

    def visit_FunctionDef(self, node):
        self.edit_definition(node, ("def",))
        self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Name(self, node):
        table = self.attributes if self.in_class(node) else self.names
        if node.id in table:
            self.edit(node.lineno, node.col_offset, node.id, table[node.id])

    def visit_arg(self, node):
        if node.arg in self.names:
            self.edit(node.lineno, node.col_offset, node.arg, self.names[node.arg])
        self.generic_visit(node)

    def visit_Attribute(self, node):
        of_module = isinstance(node.value, ast.Name) and node.value.id in self.modules
        table = self.names if of_module else self.attributes
        if node.attr in table:
            column = node.end_col_offset - len(node.attr)
            self.edit(node.end_lineno, column, node.attr, table[node.attr])
        self.generic_visit(node)

    def visit_Call(self, node):
        """A keyword is renamed where the program's own function or class is called."""
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        if called in self.names or called in self.attributes:
            for given in node.keywords:
                if given.arg in self.names:
                    self.edit(given.lineno, given.col_offset, given.arg, self.names[given.arg])
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):
        if node.name in self.names:
            head = [token for token in self.tokens if token.start >= (node.lineno, node.col_offset)]
            at = next(at for at, token in enumerate(head) if token.string == "as")
            self.edit(*head[at + 1].start, node.name, self.names[node.name])
        self.generic_visit(node)

    def visit_Global(self, node):
        for name in node.names:
            if name in self.names:
                self.edit_token(node, name, self.names[name])

    visit_Nonlocal = visit_Global

    def visit_Import(self, node):
        for part in {part for alias in node.names for part in alias.name.split(".")}:
            if part in self.modules:
                self.edit_token(node, part, self.names[part])

    def visit_ImportFrom(self, node):
        own = node.level > 0 or (node.module or "").split(".")[0] in self.modules
        parts = (node.module or "").split(".") + [alias.name for alias in node.names] if own else []
        for part in set(parts):
            if part in self.names:
                self.edit_token(node, part, self.names[part])

    def renamed(self):
        lines = list(self.lines)
        for line, column, old, new in sorted(self.edits, reverse=True):
            text = lines[line - 1]
            lines[line - 1] = text[:column] + new.encode() + text[column + len(old) :]
        return b"".join(lines)


def new_name(old, chance, taken):
    """A word that says nothing, in the case style of the old one."""
    while True:
        parts = ["".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 3))) for _ in range(chance.randint(1, 2))]
        if old.isupper():
            word = "_".join(parts).upper()
        elif old[:1].isupper():
            word = "".join(part.capitalize() for part in parts)
        else:
            word = "_".join(parts)
        word = "_" * (len(old) - len(old.lstrip("_"))) + word
        if word not in taken and not keyword.iskeyword(word) and not hasattr(builtins, word):
            taken.add(word)
            return word


def files_of(program):
    """Path inside the program → text: the one file, or all of a folder that is not one of the folders of programs."""
    folder = os.path.dirname(os.path.abspath(program))
    if os.path.basename(folder) in ("leaks", "healthy", "demo"):
        paths = [os.path.basename(program)]
    else:
        paths = [os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names if name.endswith(".py")]
    sources = {}
    for path in sorted(paths):
        with open(os.path.join(folder, path), "rb") as file:
            sources[path] = file.read()
    return sources


def module_parts(paths):
    """Names of the program's own modules and packages."""
    return {part for path in paths for part in path[:-3].split(os.sep) if not part.startswith("__")}


def tables(sources, seed):
    found = Definitions()
    for text in sources.values():
        found.visit(ast.parse(text))
    own_modules = module_parts(sources)
    foreign = library_attributes({library for library in found.libraries if library.split(".")[0] not in own_modules})
    hidden = lambda name: name.startswith("__") or name in CONVENTIONS or hasattr(builtins, name)
    words = {word for text in sources.values() for word in WORD.findall(text.decode())}
    chance, taken = random.Random(f"{seed} {sorted(sources)}"), words | foreign
    everything = sorted(name for name in found.names | found.attributes | own_modules if not hidden(name))
    renames = {old: new_name(old, chance, taken) for old in everything}
    names = {old: new for old, new in renames.items() if old in found.names | own_modules}
    attributes = {old: new for old, new in renames.items() if old in found.attributes and old not in foreign}
    kept = sorted(name for name in found.attributes if name in foreign and not hidden(name))
    return names, attributes, kept, own_modules


def renamed_path(path, names):
    return os.sep.join(names.get(part, part) for part in path[:-3].split(os.sep)) + ".py"


def renamed_holder(name, renames):
    """`{module}.JOURNAL['orders']` → `{module}.MUDA['orders']`: names change, string keys and markers do not."""
    return re.sub(r"'[^']*'|\[\w+\]|<\w+>|\{\w+\}|([A-Za-z_]\w*)", lambda m: renames.get(m[1], m[1]) if m[1] else m[0], name)


def renamed_expect(text, renames):
    header = re.match(r"# expect: (.*)", text)
    expect = json.loads(header[1]) if header else {}
    for holder in expect.get("holders", []):
        holder["name"] = renamed_holder(holder["name"], renames)
    return expect


def main(program, seed, folder):
    sources = files_of(program)
    names, attributes, kept, own_modules = tables(sources, seed)
    renames = {**names, **attributes}
    for path, source in sources.items():
        renamer = Renamer(source, names, attributes, own_modules)
        renamer.visit(ast.parse(source))
        target = os.path.join(folder, renamed_path(path, names))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        text = renamer.renamed()
        expect = renamed_expect(source.decode(), renames)
        if expect:
            text = re.sub(rb"# expect: .*", lambda _: b"# expect: " + json.dumps(expect).encode(), text, count=1)
        with open(target, "wb") as file:
            file.write(text)
    entry = os.path.basename(program)
    expect = renamed_expect(sources[entry].decode(), renames)
    print(json.dumps({"entry": os.path.join(folder, renamed_path(entry, names)), "names": renames, "kept": kept, "expect": expect}))


if __name__ == "__main__":
    if sys.version_info < (3, 12):
        sys.exit("rename.py needs CPython 3.12 or newer")
    main(*sys.argv[1:])
