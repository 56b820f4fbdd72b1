#include "producer/cli/table.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::cli {
namespace {

constexpr std::size_t gap = 2;

void append_cell(std::string& line, const std::string& cell, const Column& column,
                 std::size_t width) {
    const std::size_t padding = width - display_width(cell);
    if (column.align == Align::right) {
        line.append(padding, ' ');
    }
    line += cell;
    if (column.align == Align::left) {
        line.append(padding, ' ');
    }
    line.append(gap, ' ');
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
    PENSTOCK_ASSERT(cells.size() == columns_.size());
    for (std::string& cell : cells) {
        cell = printable(cell);
    }
    rows_.push_back(std::move(cells));
}

std::string Table::render() const {
    std::vector<std::string> headings;
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) {
        headings.push_back(column.heading);
        widths.push_back(display_width(column.heading));
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    }
    std::string text;
    const auto append_row = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            append_cell(line, row[i], columns_[i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    };
    append_row(headings);
    std::ranges::for_each(rows_, append_row);
    return text;
}

std::string printable(std::string_view text) {
    std::string clean(text);
    std::ranges::replace_if(
        clean,
        [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < 0x20 || byte == 0x7F;
        },
        '?');
    return clean;
}

std::size_t display_width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string size_words(std::uint64_t bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    constexpr double step = 1024;
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= step && unit + 1 < units.size()) {
        amount /= step;
        ++unit;
    }
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, units[unit]);
}

std::string duration_words(double duration_ms) {
    constexpr double second = 1000;
    constexpr double minute = 60 * second;
    constexpr double hour = 60 * minute;
    if (duration_ms < 10) {
        return fmt::format("{:.2f} ms", duration_ms);
    }
    if (duration_ms < second) {
        return fmt::format("{:.0f} ms", duration_ms);
    }
    if (duration_ms < minute) {
        return fmt::format("{:.1f} s", duration_ms / second);
    }
    if (duration_ms < hour) {
        return fmt::format("{:.1f} min", duration_ms / minute);
    }
    return fmt::format("{:.1f} h", duration_ms / hour);
}

}  // namespace penstock::cli
