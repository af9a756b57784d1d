// C++ read as text: what is code, which functions it calls, and how long its own are. Near enough for the rules of
// this folder.
#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::tests {

/// TEXT with spaces in place of comments and of text in quotes.
inline std::string code_of(std::string_view text) {
  std::string code(text);
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (; from < std::min(to, code.size()); ++from)
      if (code[from] != '\n') code[from] = ' ';
    return to;
  };
  const auto after = [&](std::string_view end, std::size_t from) {
    const auto at = text.find(end, from);
    return at == text.npos ? text.size() : at + end.size();
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    const bool separator = i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1])) != 0;  // 1'000
    if (rest.starts_with("//")) {
      i = blank(i, std::min(text.find('\n', i), text.size()));
    } else if (rest.starts_with("/*")) {
      i = blank(i, after("*/", i + 2));
    } else if (rest.starts_with("R\"")) {
      i = blank(i + 1, after(")" + std::string(rest.substr(2, rest.find('(') - 2)) + "\"", i));
    } else if (rest.front() == '"' || (rest.front() == '\'' && !separator)) {
      auto end = i + 1;
      while (end < text.size() && text[end] != rest.front()) end += text[end] == '\\' ? 2 : 1;
      i = blank(i, end + 1);
    } else {
      ++i;
    }
  }
  return code;
}

inline bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// What `NAME(` is, by the text before it.
enum class Use { LibraryCall, Call, Declaration, OfAnother };

/// Removes the identifier at the end of TEXT and returns it.
inline std::string_view take_word(std::string_view& text) {
  auto begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  const auto word = text.substr(begin);
  text.remove_suffix(word.size());
  return word;
}

inline Use use_before(std::string_view before) {
  if (before.ends_with("::")) {
    before.remove_suffix(2);
    const auto scope = take_word(before);
    if (scope.empty() || scope == "std") return Use::LibraryCall;
    return use_before(before) == Use::Declaration ? Use::Declaration : Use::OfAnother;
  }
  if (before.ends_with(".") || before.ends_with("->")) return Use::OfAnother;
  while (!before.empty() && std::isspace(static_cast<unsigned char>(before.back())) != 0)
    before.remove_suffix(1);
  if (before.empty() || before.ends_with("&&")) return Use::Call;
  if (std::string_view(">*&").contains(before.back())) return Use::Declaration;
  const auto word = take_word(before);
  return word.empty() || word == "return" || word == "else" || word == "do" ? Use::Call : Use::Declaration;
}

/// The lines of CODE that call NAME of the C library or use the number of its system call. If a file declares a
/// function of that name, an unqualified `NAME(` in it calls that function.
inline std::vector<std::size_t> library_calls(std::string_view name, std::string_view code) {
  std::vector<std::size_t> library;
  std::vector<std::size_t> plain;
  bool declared = false;
  const auto line_at = [&](std::size_t at) {
    return static_cast<std::size_t>(std::ranges::count(code.substr(0, at), '\n')) + 1;
  };
  for (auto at = code.find(name); at != code.npos; at = code.find(name, at + 1)) {
    const auto before = code.substr(0, at);
    const auto after = code.substr(at + name.size());
    if (before.ends_with("SYS_") && (after.empty() || !is_word(after.front())))
      library.push_back(line_at(at));
    if (!after.starts_with("(") || (!before.empty() && is_word(before.back()))) continue;
    switch (use_before(before)) {
      case Use::LibraryCall:
        library.push_back(line_at(at));
        break;
      case Use::Call:
        plain.push_back(line_at(at));
        break;
      case Use::Declaration:
        declared = true;
        break;
      case Use::OfAnother:
        break;
    }
  }
  if (!declared) library.insert(library.end(), plain.begin(), plain.end());
  return library;
}

/// A function's body and what stands before it.
struct FunctionText {
  std::size_t line;   ///< where it begins, from 1
  std::size_t lines;  ///< from there to its closing brace
};

/// What an opening brace begins, judged by the text between the last `;`, `{` or `}` and it.
enum class Brace { Scope, Function, Other };

inline Brace brace_after(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  const auto has_word = [text](std::string_view word) {
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
      const auto end = at + word.size();
      if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
    }
    return false;
  };
  if (text.find('(') == text.npos) {
    for (const auto word : {"namespace", "class", "struct", "union", "extern"})
      if (has_word(word)) return Brace::Scope;
    return Brace::Other;
  }
  for (const auto word : {"const", "noexcept", "override", "final"})
    if (text.ends_with(word)) return Brace::Function;
  const bool has_result = text.find("->") != text.npos;
  return text.ends_with(')') || has_result ? Brace::Function : Brace::Other;
}

/// The functions of CODE that stand in namespaces and classes, in their order; lambdas belong to the function around
/// them.
inline std::vector<FunctionText> functions_in(std::string_view code) {
  std::vector<FunctionText> functions;
  std::vector<Brace> open;
  std::size_t statement = 0;  // where the text begins that the next brace is judged by
  std::size_t line = 1, begin = 1;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    const bool in_function = !open.empty() && open.back() != Brace::Scope;
    if (c == '\n') ++line;
    if (!in_function && statement == at && std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++statement;
      begin = line;
    }
    if (c == '{') {
      open.push_back(in_function ? Brace::Other : brace_after(code.substr(statement, at - statement)));
      if (open.back() == Brace::Function) functions.push_back({begin, 0});
    } else if (c == '}' && !open.empty()) {
      if (open.back() == Brace::Function) functions.back().lines = line - functions.back().line + 1;
      const bool was_initializer = open.back() == Brace::Other;
      open.pop_back();
      const auto next = code.find_first_not_of(" \n", at + 1);
      if (was_initializer && next != code.npos && std::string_view(",){").contains(code[next])) continue;
    }
    if ((open.empty() || open.back() == Brace::Scope) && (c == ';' || c == '{' || c == '}')) {
      statement = at + 1;
      begin = line;
    }
  }
  return functions;
}

}  // namespace podrun::tests
