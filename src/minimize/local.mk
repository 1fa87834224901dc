# SPDX-License-Identifier: GPL-3.0-or-later
ufminclude_HEADERS += include/ufm/minimize.h
