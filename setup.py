"""Build of the compiled engine: every ``ext/_NAME.pyx`` becomes ``mlops_core.engine._NAME``.

Everything else about the distribution stands in ``pyproject.toml``.
"""

import os
import sys
from pathlib import Path

import numpy
import pyarrow
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CCompilerError, ExecError, PlatformError

HERE = Path(__file__).parent
NO_COMPILER = (
    "mlops-embedded has a compiled engine and no C compiler was found that could build it: "
    "install one (Debian: apt install build-essential; macOS: xcode-select --install) "
    "or install a wheel."
)


class BuildEngine(build_ext):
    """Use all cores, and say in a sentence that a compiler is needed, instead of a page of build output."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def run(self) -> None:
        try:
            super().run()
        except (CCompilerError, ExecError, PlatformError, FileNotFoundError) as error:
            sys.exit(f"{NO_COMPILER}\n(the build said: {error})")


def extension(source: Path) -> Extension:
    helpers = sorted(str(c.relative_to(HERE)) for c in HERE.glob(f"ext/{source.stem.lstrip('_')}_*.c"))
    return Extension(
        f"mlops_core.engine.{source.stem}",
        [str(source.relative_to(HERE)), *helpers],
        # pyarrow's wheel ships the XXH3 header (arrow/vendored/xxhash/xxhash.h): no copy of it is kept here.
        depends=sorted(str(h.relative_to(HERE)) for h in HERE.glob("ext/include/*.h")),
        include_dirs=["ext/include", numpy.get_include(), pyarrow.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=os.environ.get("MLOPS_ENGINE_CFLAGS", "-O3 -std=c11").split(),
    )


setup(
    ext_modules=cythonize(
        [extension(p) for p in sorted(HERE.glob("ext/_*.pyx"))],
        build_dir="build/cython",
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
        },
    ),
    cmdclass={"build_ext": BuildEngine},
)
