// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minewarden::lab {

/// The options of one subcommand: declared with type, default and limits, then parsed. Wraps
/// Boost.Program_options to hide its exceptions and its leniency (guessed names, "-1" as a huge
/// number). Every subcommand has --help and --seconds.
class CommandLine {
  public:
    /// `about`: the text of --help above the options.
    CommandLine(std::string_view command, std::string_view about);

    CommandLine& flag(std::string_view name, std::string_view help);
    /// With an empty default, the option may be omitted; see has().
    CommandLine& text(std::string_view name, std::string_view value_name,
                      std::string_view default_value, std::string_view help);
    CommandLine& choice(std::string_view name, std::vector<std::string> allowed,
                        std::string_view default_value, std::string_view help);
    CommandLine& number(std::string_view name, std::int64_t default_value, std::int64_t minimum,
                        std::int64_t maximum, std::string_view help);
    CommandLine& real(std::string_view name, std::string_view default_text, double minimum,
                      double maximum, std::string_view help);

    enum class Outcome { run, help };
    /// Errors have kind usage and name the option, the value and what was expected.
    Result<Outcome> parse(const std::vector<std::string>& arguments);
    [[nodiscard]] std::string help() const;

    /// REQUIRES for all getters: parse() returned Outcome::run, and the option has this type.
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] std::int64_t number(std::string_view name) const;
    [[nodiscard]] double real(std::string_view name) const; ///< for a text: 0 if it is not a number

  private:
    enum class Type { flag, text, choice, number, real };
    struct Option {
        std::string name;
        Type type = Type::flag;
        std::string value_name;
        std::string default_value;
        std::string help;
        std::vector<std::string> allowed;
        double minimum = 0;
        double maximum = 0;
        bool given = false;
        std::string value; ///< the given value, or the default
    };

    Option& add(std::string_view name, Type type, std::string_view value_name,
                std::string_view default_value, std::string_view help);
    static Result<void> check(const Option& option);
    [[nodiscard]] const Option& find(std::string_view name) const;

    std::string command_;
    std::string about_;
    std::vector<Option> options_;
};

} // namespace minewarden::lab
