# SPDX-License-Identifier: GPL-3.0-or-later
# The page of a program is its --help, framed by doc/NAME.h2m.  Pages depend on
# sources and not on programs, so that a release, which carries them, builds
# without help2man.  The version is given and not asked for: --version also
# names the libraries of the machine that made the page.
EXTRA_DIST += doc/ufm.h2m doc/ufm-check.h2m doc/mathematics.md \
  doc/record.md doc/certificates.md doc/certificate-format.md doc/phase.md \
  doc/multistart.md doc/orbits.md doc/soft-targets.md doc/sweep.md \
  doc/tables.md
if WITH_MAN_PAGES
dist_man_MANS += doc/ufm.1 doc/ufm-check.1
endif

if HAVE_HELP2MAN
doc/%.1: doc/%.h2m configure.ac | %$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) doc && \
	  LC_ALL=C $(HELP2MAN) --no-info --section=1 --include=$< \
	    --version-string='$(PACKAGE_VERSION)' --output=$@.tmp \
	    ./$*$(EXEEXT) && mv $@.tmp $@
doc/ufm.1: $(ufm_SOURCES) $(libufm_private_la_SOURCES)
doc/ufm-check.1: $(ufm_check_SOURCES) $(libufm_check_la_SOURCES)
else
doc/%.1:
	$(HELP2MAN) $@
endif
MOSTLYCLEANFILES = doc/*.tmp
MAINTAINERCLEANFILES = $(dist_man_MANS)
