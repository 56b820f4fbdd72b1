// Rows of text under headings, for people.
//
// Thread rule: a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::cli {

enum class Align : std::uint8_t { left, right };

struct Column {
    std::string heading;
    Align align = Align::left;
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // Requires: one cell per column.
    void add(std::vector<std::string> cells);
    [[nodiscard]] bool empty() const { return rows_.empty(); }

    // Headings and rows, a line each, columns two spaces apart, no trailing spaces. Control
    // characters are shown as '?', so that a name cannot draw on the terminal.
    [[nodiscard]] std::string render() const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// The text without control characters.
[[nodiscard]] std::string printable(std::string_view text);
// How many columns a UTF-8 text takes: code points, which is close enough for names.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Numbers as people read them: "1.5 MiB", "850 ms", "2.5 s", "3 min".
[[nodiscard]] std::string size_words(std::uint64_t bytes);
[[nodiscard]] std::string duration_words(double milliseconds);

}  // namespace penstock::cli
