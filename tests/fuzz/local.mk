# SPDX-License-Identifier: GPL-3.0-or-later
# ufm-check against files that lie or make no sense: the corpus and seeded
# changes of it in make check, endless ones in make fuzz.
mutations = tests/fuzz/mutate.c tests/fuzz/mutate.h \
  tests/fuzz/truth.c tests/fuzz/truth.h

unit_tests += tests/fuzz/check_corpus
tests_fuzz_check_corpus_SOURCES = tests/fuzz/check_corpus.c $(mutations)
tests_fuzz_check_corpus_LDADD = libcheck-samples.la libufm-check.la $(LDADD)
EXTRA_DIST += tests/fuzz/corpus

# Needs configure CC=clang --enable-fuzzing.  Everything is compiled again, with
# libFuzzer's instrumentation and the sanitizers.
FUZZ_SECONDS = 600
if FUZZING
EXTRA_PROGRAMS += tests/fuzz/fuzz_check
CLEANFILES += tests/fuzz/fuzz_check
tests_fuzz_fuzz_check_SOURCES = tests/fuzz/fuzz_check.c $(mutations) \
  tests/check/oracle.c tests/check/oracle.h \
  tests/check/oracle_orbits.c \
  tests/check/expansion.c tests/check/expansion.h $(libufm_check_la_SOURCES)
tests_fuzz_fuzz_check_CFLAGS = $(AM_CFLAGS) $(FUZZ_CFLAGS)
tests_fuzz_fuzz_check_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_CFLAGS)
tests_fuzz_fuzz_check_LDADD = $(MPFR_LIBS) $(JANSSON_LIBS)

fuzz: tests/fuzz/fuzz_check$(EXEEXT)
	mkdir -p fuzz-found fuzz-corpus
	tests/fuzz/fuzz_check -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
	  -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
	  -artifact_prefix=fuzz-found/ fuzz-corpus \
	  $(srcdir)/tests/fuzz/corpus/verified $(srcdir)/tests/fuzz/corpus/refused
else
fuzz:
	@echo 'make fuzz needs ./configure CC=clang --enable-fuzzing' >&2; exit 1
endif
.PHONY: fuzz
clean-local: clean-fuzz
clean-fuzz:
	rm -rf fuzz-corpus
.PHONY: clean-fuzz
