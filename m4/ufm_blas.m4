dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl UFM_WITH_BLAS: choose the CBLAS provider.  gslcblas is slow and gives the
dnl same bytes everywhere; openblas is fast and agrees to a tolerance only.
AC_DEFUN([UFM_WITH_BLAS], [
AC_ARG_WITH([blas],
  [AS_HELP_STRING([--with-blas=openblas|gslcblas],
    [CBLAS provider @<:@openblas@:>@])],
  [], [with_blas=openblas])
AS_CASE([$with_blas],
  [gslcblas], [CBLAS_LIBS=-lgslcblas],
  [openblas], [PKG_CHECK_MODULES([OPENBLAS], [openblas])
    CBLAS_LIBS=$OPENBLAS_LIBS],
  [AC_MSG_ERROR([--with-blas=$with_blas: want gslcblas or openblas])])
AC_SUBST([CBLAS_LIBS])
AC_SUBST([with_blas])
AC_DEFINE_UNQUOTED([UFM_BLAS], ["$with_blas"], [Name of the CBLAS provider.])
dnl gsl.pc names -lgslcblas; drop it, so that CBLAS_LIBS alone decides.
GSL_LIBS=`AS_ECHO(["$GSL_LIBS"]) | sed 's/-lgslcblas//'`
])
