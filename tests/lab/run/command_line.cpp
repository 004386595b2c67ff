// SPDX-License-Identifier: Apache-2.0
#include "tests/lab/run/command_line.h"

#include "common/text.h"

#include <boost/program_options.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace minewarden::lab {
namespace {

namespace po = boost::program_options;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Failure<Error> usage(std::string message) {
    return fail(ErrorKind::usage, std::move(message));
}

constexpr std::int64_t maximum_seconds = 3600;

} // namespace

CommandLine::CommandLine(std::string_view command, std::string_view about)
    : command_(command), about_(about) {
    flag("help", "show this text");
    number("seconds", 60, 1, maximum_seconds,
           "end after this time, including preparation; SIGTERM and SIGINT end it immediately");
}

CommandLine::Option& CommandLine::add(std::string_view name, Type type, std::string_view value_name,
                                      std::string_view default_value, std::string_view help) {
    Option& option = options_.emplace_back();
    option.name = name;
    option.type = type;
    option.value_name = value_name;
    option.default_value = default_value;
    option.help = help;
    option.value = default_value;
    return option;
}

CommandLine& CommandLine::flag(std::string_view name, std::string_view help) {
    add(name, Type::flag, "", "", help);
    return *this;
}

CommandLine& CommandLine::text(std::string_view name, std::string_view value_name,
                               std::string_view default_value, std::string_view help) {
    add(name, Type::text, value_name, default_value, help);
    return *this;
}

CommandLine& CommandLine::choice(std::string_view name, std::vector<std::string> allowed,
                                 std::string_view default_value, std::string_view help) {
    const std::string names = fmt::format("{}", fmt::join(allowed, "|"));
    add(name, Type::choice, names, default_value, help).allowed = std::move(allowed);
    return *this;
}

CommandLine& CommandLine::number(std::string_view name, std::int64_t default_value,
                                 std::int64_t minimum, std::int64_t maximum,
                                 std::string_view help) {
    Option& option = add(name, Type::number, fmt::format("{}..{}", minimum, maximum),
                         std::to_string(default_value), help);
    option.minimum = static_cast<double>(minimum);
    option.maximum = static_cast<double>(maximum);
    return *this;
}

CommandLine& CommandLine::real(std::string_view name, std::string_view default_text, double minimum,
                               double maximum, std::string_view help) {
    Option& option =
        add(name, Type::real, fmt::format("{}..{}", minimum, maximum), default_text, help);
    option.minimum = minimum;
    option.maximum = maximum;
    return *this;
}

Result<void> CommandLine::check(const Option& option) {
    const auto refuse = [&](std::string_view expected) {
        return usage(fmt::format("--{}: \"{}\" is not {}", option.name,
                                 escape_for_terminal(to_valid_utf8(option.value)), expected));
    };
    const auto in_range = [&](double value) {
        return value >= option.minimum && value <= option.maximum; // false for NaN
    };
    if (option.type == Type::choice) {
        if (std::ranges::find(option.allowed, option.value) == option.allowed.end())
            return refuse(fmt::format("one of {}", fmt::join(option.allowed, ", ")));
    } else if (option.type == Type::number) {
        const auto value = parse_number<std::int64_t>(option.value);
        if (!value || !in_range(static_cast<double>(*value)))
            return refuse(
                fmt::format("a whole number from {} to {}", option.minimum, option.maximum));
    } else if (option.type == Type::real) {
        const auto value = parse_number<double>(option.value);
        if (!value || !in_range(*value))
            return refuse(fmt::format("a number from {} to {}", option.minimum, option.maximum));
    }
    return {};
}

Result<CommandLine::Outcome> CommandLine::parse(const std::vector<std::string>& arguments) {
    po::options_description description;
    std::vector<std::string> dashed;
    for (const Option& option : options_) {
        dashed.push_back("--" + option.name);
        if (option.type == Type::flag)
            description.add_options()(option.name.c_str(), "");
        else
            description.add_options()(option.name.c_str(), po::value<std::string>(), "");
    }
    po::parsed_options parsed(&description);
    try {
        const int style =
            po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        parsed = po::command_line_parser(arguments).options(description).style(style).run();
    } catch (const po::unknown_option& error) {
        const std::vector<std::string_view> known(dashed.begin(), dashed.end());
        const std::string name = to_valid_utf8(error.get_option_name());
        return usage(fmt::format("unknown option \"{}\"{}", escape_for_terminal(name),
                                 did_you_mean(name, known)));
    } catch (const po::error& error) {
        return usage(escape_for_terminal(to_valid_utf8(error.what())));
    }
    for (const auto& given : parsed.options) {
        if (given.position_key >= 0)
            return usage(fmt::format("unexpected argument \"{}\"; options start with --",
                                     escape_for_terminal(to_valid_utf8(given.value.front()))));
        Option& option = *std::ranges::find(options_, given.string_key, &Option::name);
        if (option.given) return usage(fmt::format("--{} is given twice", option.name));
        option.given = true;
        if (!given.value.empty()) option.value = given.value.front();
    }
    if (has("help")) return Outcome::help;
    for (const Option& option : options_) {
        const bool required = option.type == Type::choice && option.default_value.empty();
        if (required && !option.given)
            return usage(fmt::format("--{} {} is required", option.name, option.value_name));
        if (!option.given) continue;
        if (auto good = check(option); !good) return fail(good.error());
    }
    return Outcome::run;
}

std::string CommandLine::help() const {
    std::string text =
        fmt::format("minewarden-lab {} [option]...\n\n{}\n\nOptions:\n", command_, about_);
    for (const Option& option : options_) {
        std::string head = "--" + option.name;
        if (!option.value_name.empty()) head += " " + option.value_name;
        std::string tail = option.help;
        if (!option.default_value.empty())
            tail += fmt::format(" (default {})", option.default_value);
        text += fmt::format("  {}\n      {}\n", head, tail);
    }
    return text;
}

const CommandLine::Option& CommandLine::find(std::string_view name) const {
    return *std::ranges::find(options_, name, &Option::name);
}

bool CommandLine::has(std::string_view name) const {
    return find(name).given;
}

const std::string& CommandLine::text(std::string_view name) const {
    return find(name).value;
}

std::int64_t CommandLine::number(std::string_view name) const {
    return parse_number<std::int64_t>(find(name).value).value_or(0);
}

double CommandLine::real(std::string_view name) const {
    return parse_number<double>(find(name).value).value_or(0);
}

} // namespace minewarden::lab
