// SPDX-License-Identifier: Apache-2.0
// Debian has libfmt as a shared library only, and the client is linked statically: this file
// compiles the library's own implementation header once, as its format.cc does.
#include <fmt/format-inl.h>

FMT_BEGIN_NAMESPACE
template FMT_API auto detail::dragonbox::to_decimal(float value) noexcept
    -> dragonbox::decimal_fp<float>;
template FMT_API auto detail::dragonbox::to_decimal(double value) noexcept
    -> dragonbox::decimal_fp<double>;
#ifndef FMT_STATIC_THOUSANDS_SEPARATOR
template FMT_API detail::locale_ref::locale_ref(const std::locale& locale);
template FMT_API auto detail::locale_ref::get<std::locale>() const -> std::locale;
#endif
template FMT_API auto detail::thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto detail::decimal_point_impl(locale_ref) -> char;
template FMT_API void detail::buffer<char>::append(const char*, const char*);
template FMT_API void detail::vformat_to(buffer<char>&, string_view,
                                         basic_format_args<buffer_context<char>>, locale_ref);
FMT_END_NAMESPACE
