// The tables of fields as rows for the documentation.
#include "pod/schema/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace podrun::pod {
namespace {

const SchemaRow* row(const std::vector<SchemaRow>& rows, std::string_view path) {
  const auto found = std::ranges::find(rows, path, &SchemaRow::path);
  return found == rows.end() ? nullptr : &*found;
}

TEST(Schema, EveryFieldIsListedOnce) {
  const std::vector<SchemaRow> rows = schema_rows();
  std::set<std::string> paths;
  for (const SchemaRow& r : rows) EXPECT_TRUE(paths.insert(r.path).second) << r.path;
  EXPECT_TRUE(paths.contains("apiVersion"));
  EXPECT_TRUE(paths.contains("metadata.annotations"));
  EXPECT_TRUE(paths.contains("spec.volumes[].hostPath.path"));
  EXPECT_TRUE(paths.contains("spec.containers[].securityContext.runAsUser"));
}

TEST(Schema, ARowHasWhatTheDocumentationNeeds) {
  const std::vector<SchemaRow> rows = schema_rows();
  const SchemaRow* read_only = row(rows, "spec.containers[].volumeMounts[].readOnly");
  ASSERT_NE(read_only, nullptr);
  EXPECT_EQ(read_only->owner, "VolumeMount");
  EXPECT_EQ(read_only->row->name, "readOnly");
  EXPECT_EQ(read_only->row->type, "boolean");
  EXPECT_EQ(read_only->row->presence.need, Need::Optional);
  EXPECT_EQ(read_only->row->presence.initial, "false");
  const SchemaRow* containers = row(rows, "spec.containers");
  ASSERT_NE(containers, nullptr);
  EXPECT_EQ(containers->row->type, "[]Container");
  EXPECT_EQ(containers->row->presence.need, Need::Required);
  EXPECT_EQ(row(rows, "spec.volumes[].emptyDir")->row->presence.need, Need::OneOf);
}

TEST(Schema, EveryFieldAndAnnotationIsDocumentedByASentence) {
  for (const SchemaRow& r : schema_rows()) {
    const bool said = !r.row->doc.empty();
    EXPECT_TRUE(said || r.row->support.level != SupportLevel::Used) << r.path;
    EXPECT_TRUE(!said || r.row->doc.ends_with('.')) << r.path;
    EXPECT_EQ(r.row->doc.find('\n'), r.row->doc.npos) << r.path;
  }
  for (const KnownAnnotation& annotation : known_annotations()) {
    EXPECT_FALSE(annotation.doc.empty()) << annotation.key;
    EXPECT_FALSE(annotation.rule("?").empty()) << annotation.key;
  }
}

}  // namespace
}  // namespace podrun::pod
