// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

namespace minewarden::rules {

/// A value on the heap with value semantics. Keeps a variant small when some alternatives are
/// large. REQUIRES: after a move, only assign to it or destroy it.
template <class T>
class Boxed {
  public:
    // Implicit, so that callers can pass the plain value.
    Boxed(T value) : held_(std::make_unique<T>(std::move(value))) {} // NOLINT(*-explicit-*)
    Boxed(const Boxed& other) : held_(std::make_unique<T>(*other)) {}
    Boxed(Boxed&& other) noexcept = default;
    Boxed& operator=(const Boxed& other) {
        if (this != &other) held_ = std::make_unique<T>(*other);
        return *this;
    }
    Boxed& operator=(Boxed&& other) noexcept = default;
    ~Boxed() = default;

    const T& operator*() const { return *held_; }
    const T* operator->() const { return held_.get(); }
    friend bool operator==(const Boxed& a, const Boxed& b) { return *a == *b; }

  private:
    std::unique_ptr<T> held_;
};

} // namespace minewarden::rules
