// The one door to SQLite. The first failure of a database is kept, and every later call does
// nothing: so a transaction is written down call after call, and failure() looked at once.
//
// Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/model/bytes.hpp"
#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace penstock::broker {

class Database {
  public:
    // Opens the file, or makes it; empty: a database in memory. Errors: internal.
    [[nodiscard]] static Result<Database> open(const std::string& path);

    // Several statements without parameters.
    void execute(const char* sql);
    // The number that a statement without parameters gives; 0 if none.
    [[nodiscard]] std::int64_t number(const char* sql);
    // Rows that the last statement has changed.
    [[nodiscard]] std::uint64_t changes() const;
    [[nodiscard]] std::int64_t last_position() const;

    // The failure, if there was one; the next call begins anew. Errors: malformed (what is in the
    // file is damaged or no database), busy (another program is writing), disk_full, internal.
    [[nodiscard]] std::optional<Error> take_failure();
    [[nodiscard]] bool ok() const { return !failure_; }

  private:
    friend class Statement;
    struct Close {
        void operator()(sqlite3* handle) const;
    };
    void note(int status);

    std::unique_ptr<sqlite3, Close> handle_;
    std::string path_;
    std::optional<Error> failure_;
};

// A statement with parameters, which are bound in their order and then again.
class Statement {
  public:
    // Requires: the database outlives it.
    Statement(Database& database, const char* sql);

    // Views are used until the next reset().
    template <typename... Values>
    Statement& bind(const Values&... values) {
        reset();
        (bind_next(values), ...);
        return *this;
    }
    // Whether there is a (next) row.
    [[nodiscard]] bool step();
    // For what gives no row.
    void run() { static_cast<void>(step()); }

    // Of the row.
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] SharedBytes blob(int column) const;

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* handle) const;
    };
    void reset();
    void bind_next(std::int64_t value);
    void bind_next(std::uint64_t value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(std::uint32_t value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(std::string_view value);
    void bind_next(ByteView value);
    void bind_next(std::nullptr_t value);
    template <typename Value>
    void bind_next(const std::optional<Value>& value) {
        if (value) {
            bind_next(*value);
        } else {
            bind_next(nullptr);
        }
    }

    Database& database_;
    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int bound_ = 0;
};

// All or nothing, and durable once commit() has succeeded.
class Transaction {
  public:
    // One that reads never waits for somebody else who writes.
    enum class Kind : std::uint8_t { read, write };

    Transaction(Database& database, Kind kind) : database_(database) {
        database_.execute(kind == Kind::read ? "BEGIN" : "BEGIN IMMEDIATE");
    }
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    // Errors: those of Database::take_failure(); then nothing of it has happened.
    [[nodiscard]] Result<void> commit();

  private:
    Database& database_;
    bool open_ = true;
};

}  // namespace penstock::broker
