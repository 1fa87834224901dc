dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl UFM_WITH_MPI: --with-mpi=auto|yes|no decides on ufm-mpi.  MPICC is asked for
dnl its flags, so that one compiler makes everything.
AC_DEFUN([UFM_WITH_MPI], [
AC_ARG_WITH([mpi],
  [AS_HELP_STRING([--with-mpi@<:@=auto|yes|no@:>@],
    [build ufm-mpi, which sweeps over MPI ranks @<:@auto@:>@])],
  [], [with_mpi=auto])
AC_ARG_VAR([MPICC], [wrapper compiler of MPI, asked for its flags])
have_mpi=no
AS_IF([test "x$with_mpi" != xno], [
  AC_PATH_PROG([MPICC], [mpicc])
  AS_IF([test -n "$MPICC"], [
    MPI_CFLAGS=`$MPICC --showme:compile 2> /dev/null` &&
      MPI_LIBS=`$MPICC --showme:link 2> /dev/null` || {
      MPI_CFLAGS=`$MPICC -compile_info 2> /dev/null | sed 's/^@<:@^ @:>@* //'`
      MPI_LIBS=`$MPICC -link_info 2> /dev/null | sed 's/^@<:@^ @:>@* //'`
    }
    dnl its headers are not ours to be warned about
    MPI_CFLAGS=`AS_ECHO(["$MPI_CFLAGS"]) | sed 's/-I/-isystem /g'`
    ufm_save_CFLAGS=$CFLAGS ufm_save_LIBS=$LIBS
    CFLAGS="$CFLAGS $MPI_CFLAGS" LIBS="$MPI_LIBS $LIBS"
    AC_MSG_CHECKING([whether programs with MPI can be made])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <mpi.h>]],
        [[return MPI_Init(0, 0) + MPI_Finalize();]])],
      [have_mpi=yes])
    AC_MSG_RESULT([$have_mpi])
    CFLAGS=$ufm_save_CFLAGS LIBS=$ufm_save_LIBS])
  AS_IF([test "x$with_mpi" = xyes && test "x$have_mpi" = xno],
    [AC_MSG_ERROR([--with-mpi: no mpicc that works])])])
AC_SUBST([MPI_CFLAGS])
AC_SUBST([MPI_LIBS])
AM_CONDITIONAL([HAVE_MPI], [test "x$have_mpi" = xyes])
])
