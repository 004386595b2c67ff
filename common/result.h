// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/error.h"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace minewarden {

/// Wraps an error so that it converts to any Result with this error type: `return fail(error);`
template <class E>
struct Failure {
    E error;
};

template <class E>
[[nodiscard]] Failure<std::decay_t<E>> fail(E&& error) {
    return {std::forward<E>(error)};
}

[[nodiscard]] inline Failure<Error> fail(ErrorKind kind, std::string message) {
    return {Error{kind, std::move(message)}};
}

/// A value, or an error. Recoverable errors are returned this way; exceptions only leave main. The
/// names follow std::expected (C++23), which can replace it.
template <class T, class E = Error>
class [[nodiscard]] Result {
  public:
    template <class U = T>
        requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
    Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
    Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

    [[nodiscard]] bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// REQUIRES: has_value()
    T& value() & { return *std::get_if<0>(&state_); }
    const T& value() const& { return *std::get_if<0>(&state_); }
    T&& value() && { return std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    /// REQUIRES: !has_value()
    const E& error() const& { return *std::get_if<1>(&state_); }
    E&& error() && { return std::move(*std::get_if<1>(&state_)); }

  private:
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
  public:
    Result() = default;
    Result(Failure<E> failure) : error_(std::move(failure.error)) {}

    [[nodiscard]] bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }

    /// REQUIRES: !has_value()
    const E& error() const& { return *error_; }
    E&& error() && { return std::move(*error_); }

  private:
    std::optional<E> error_;
};

} // namespace minewarden

/// Returns from the calling function if the Result has an error; otherwise drops the value and
/// continues. Only a macro can return: `TRY(write(file));`
#define TRY(...)                                                                                   \
    do {                                                                                           \
        if (auto try_result = (__VA_ARGS__); !try_result)                                          \
            return ::minewarden::fail(std::move(try_result).error());                              \
    } while (false)

/// Like TRY, but names the value: `TRY_ASSIGN(const auto text, read_file(path));`
#define TRY_ASSIGN(declaration, ...) TRY_ASSIGN_AT(__LINE__, declaration, __VA_ARGS__)
#define TRY_ASSIGN_AT(line, ...) TRY_ASSIGN_NAMED(line, __VA_ARGS__)
#define TRY_ASSIGN_NAMED(line, declaration, ...)                                                   \
    auto try_result_##line = (__VA_ARGS__);                                                        \
    if (!try_result_##line) return ::minewarden::fail(std::move(try_result_##line).error());       \
    declaration = *std::move(try_result_##line)
