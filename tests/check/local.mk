# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of ufm-check and the certificates they are made with.
check_LTLIBRARIES = libcheck-samples.la
libcheck_samples_la_SOURCES = \
  tests/check/build.c tests/check/build.h \
  tests/check/deep_samples.c tests/check/deep_samples.h \
  tests/check/expansion.c tests/check/expansion.h \
  tests/check/expansion_json.c \
  tests/check/oracle.c tests/check/oracle.h \
  tests/check/oracle_orbits.c \
  tests/check/random_orbits.c tests/check/random_orbits.h \
  tests/check/samples.c tests/check/samples.h

check_PROGRAMS += tests/check/write_samples
tests_check_write_samples_SOURCES = tests/check/write_samples.c
tests_check_write_samples_LDADD = libcheck-samples.la $(MPFR_LIBS) \
  $(JANSSON_LIBS)

unit_tests += tests/unit/check_exact
tests_unit_check_exact_LDADD = libufm-check.la $(LDADD)
unit_tests += tests/unit/check_fixed
tests_unit_check_fixed_LDADD = libufm-check.la $(LDADD)
unit_tests += tests/unit/check_psd
tests_unit_check_psd_LDADD = libufm-check.la $(LDADD)
unit_tests += tests/unit/check_certificate
tests_unit_check_certificate_LDADD = libcheck-samples.la libufm-check.la \
  $(LDADD)
unit_tests += tests/unit/check_expansion
tests_unit_check_expansion_LDADD = libcheck-samples.la libufm-check.la \
  $(LDADD)
unit_tests += tests/unit/check_tampering
tests_unit_check_tampering_LDADD = libcheck-samples.la libufm-check.la \
  $(LDADD)
