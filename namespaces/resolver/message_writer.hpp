// Writes a message of the DNS into a bounded buffer, with libresolv.
#pragma once

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "namespaces/resolver/message.hpp"

namespace podrun::resolver {

/// A message as it grows. A record that does not fit leaves it as it was.
class MessageWriter {
 public:
  /// The places of the counts in the header.
  enum Section : std::size_t { QuestionSection = 4, AnswerSection = 6, AuthoritySection = 8, AdditionalSection = 10 };

  explicit MessageWriter(std::size_t limit) : bytes_(limit) { names_[0] = bytes_.data(); }

  void set_header(std::uint16_t id, std::uint16_t flags) {
    put16_at(0, id);
    put16_at(2, flags);
  }
  /// Sets bits of the flags.
  void add_flags(std::uint16_t flags) {
    ns_put16(static_cast<std::uint16_t>(ns_get16(bytes_.data() + 2) | flags), bytes_.data() + 2);
  }

  MessageWriter& name(const std::string& text) {
    const int length = fits_ ? dn_comp(text.empty() ? "." : text.c_str(), bytes_.data() + at_, static_cast<int>(room()),
                                       names_.data(), names_.data() + names_.size())
                             : -1;
    if (length < 0) fits_ = false;
    else at_ += static_cast<std::size_t>(length);
    return *this;
  }
  MessageWriter& number16(std::uint16_t value) {
    if (take(2)) ns_put16(value, bytes_.data() + at_ - 2);
    return *this;
  }
  MessageWriter& number32(std::uint32_t value) {
    if (take(4)) ns_put32(value, bytes_.data() + at_ - 4);
    return *this;
  }
  MessageWriter& raw(Bytes bytes) {
    if (take(bytes.size())) std::copy(bytes.begin(), bytes.end(), bytes_.data() + at_ - bytes.size());
    return *this;
  }

  /// Begins the data of a record, whose length end_data() writes.
  MessageWriter& begin_data() {
    data_ = at_ + 2;
    return number16(0);
  }
  /// Ends what has been written since the last end: it counts in the section, or, if it did not fit, is taken back.
  bool end(Section section, bool has_data = true) {
    if (fits_) {
      if (has_data) put16_at(data_ - 2, static_cast<std::uint16_t>(at_ - data_));
      put16_at(section, static_cast<std::uint16_t>(ns_get16(bytes_.data() + section) + 1));
      end_ = at_;
      return true;
    }
    forget_names();
    at_ = end_;
    fits_ = true;
    return false;
  }

  /// Changes how large the message may become, at most to the first limit.
  void keep_free(std::size_t bytes) { kept_ = bytes; }

  Message message() && {
    bytes_.resize(end_);
    return std::move(bytes_);
  }

 private:
  std::size_t room() const { return bytes_.size() - kept_ > at_ ? bytes_.size() - kept_ - at_ : 0; }
  bool take(std::size_t count) {
    fits_ = fits_ && count <= room();
    if (fits_) at_ += count;
    return fits_;
  }
  void put16_at(std::size_t place, std::uint16_t value) { ns_put16(value, bytes_.data() + place); }
  /// dn_comp() would refer to names in what is taken back.
  void forget_names() {
    for (std::size_t i = 1; i < names_.size(); ++i)
      if (names_[i] == nullptr || names_[i] >= bytes_.data() + end_) {
        names_[i] = nullptr;
        return;
      }
  }

  Message bytes_;
  std::array<unsigned char*, 64> names_{};
  std::size_t at_ = NS_HFIXEDSZ, end_ = NS_HFIXEDSZ, data_ = 0, kept_ = 0;
  bool fits_ = true;
};

}  // namespace podrun::resolver
