dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl UFM_PAPER_TOOLS: what make figures and make paper need.  Sets PAPER_MISSING
dnl to what is not there, for the one line that says so, and HAVE_PAPER_TOOLS.
AC_DEFUN([UFM_PAPER_TOOLS], [
PAPER_MISSING=
m4_foreach_w([ufm_tool], [pdflatex latexmk pdftoppm kpsewhich],
  [AC_CHECK_PROG([have_]ufm_tool, ufm_tool, [yes], [no])
  AS_IF([test "x$have_]ufm_tool[" = xno],
    [PAPER_MISSING="$PAPER_MISSING ]ufm_tool["])
])
AS_IF([test "x$have_kpsewhich" = xyes], [
  for ufm_file in standalone.cls pgfplots.sty siunitx.sty booktabs.sty \
      adjustbox.sty lmodern.sty; do
    AC_MSG_CHECKING([for $ufm_file])
    AS_IF([kpsewhich $ufm_file > /dev/null], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
      PAPER_MISSING="$PAPER_MISSING $ufm_file"])
  done])
AS_IF([test -z "$PAPER_MISSING"], [paper_tools=yes],
  [paper_tools="no:$PAPER_MISSING"])
AC_SUBST([PAPER_MISSING])
AM_CONDITIONAL([HAVE_PAPER_TOOLS], [test -z "$PAPER_MISSING"])
])
