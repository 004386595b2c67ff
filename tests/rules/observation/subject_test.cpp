// SPDX-License-Identifier: Apache-2.0
#include "rules/observation/subject.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

/// Subjects of verdicts.
namespace minewarden::rules {
namespace {

const std::vector<Subject>& subjects() {
    static const std::vector<Subject> all{ImageKey{42, 1000, 3}, ImageKey{42, 1000, 4},
                                          ImageKey{43, 1000, 3}, ImageKey{42, 1001, 3},
                                          HostSubject{},         WorkloadSubject{77},
                                          WorkloadSubject{78},   NetworkNamespaceSubject{77},
                                          GpuSubject{77},        GpuSubject{0x0000'0001'0002'0300}};
    return all;
}

TEST(Subject, EncodesAndDecodesEachKind) {
    for (const Subject& subject : subjects()) {
        const auto again = subject_from_cbor(to_cbor(subject));
        ASSERT_TRUE(again) << to_display(subject) << ": " << again.error().message;
        EXPECT_EQ(*again, subject) << to_display(subject);
    }
}

TEST(Subject, EncodesDifferentSubjectsDifferently) {
    std::set<std::string> shown;
    std::set<std::string> encoded;
    std::set<std::size_t> hashes;
    for (const Subject& subject : subjects()) {
        shown.insert(to_display(subject));
        encoded.insert(cbor::encode(to_cbor(subject)));
        hashes.insert(SubjectHash()(subject));
    }
    EXPECT_EQ(shown.size(), subjects().size());
    EXPECT_EQ(encoded.size(), subjects().size());
    EXPECT_EQ(hashes.size(), subjects().size());
}

TEST(Subject, NamesItsKind) {
    const std::vector<std::string> names{"process", "process", "process",
                                         "process", "host",    "workload"};
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(to_string(kind_of(subjects()[i])), names[i]);
}

TEST(Subject, AnUnknownKindIsUnavailable) {
    const auto subject = subject_from_cbor(cbor::Map{{"kind", "pod"}, {"uid", "x"}});
    ASSERT_FALSE(subject);
    EXPECT_EQ(subject.error().kind, ErrorKind::unavailable);
    EXPECT_NE(subject.error().message.find("pod"), std::string::npos) << subject.error().message;
}

TEST(Subject, RefusesMalformedSubjects) {
    const cbor::Map process{
        {"kind", "process"}, {"pid", 1}, {"start_boottime_ns", 2}, {"image", 3}};
    ASSERT_TRUE(subject_from_cbor(process));
    for (const char* key : {"kind", "pid", "start_boottime_ns", "image"}) {
        cbor::Map missing = process;
        missing.erase(key);
        const auto without = subject_from_cbor(missing);
        ASSERT_FALSE(without) << key;
        EXPECT_EQ(without.error().kind, ErrorKind::data) << key;
        for (const cbor::Value& value :
             {cbor::Value{}, cbor::Value(true), cbor::Value(-1), cbor::Value(cbor::Array{})}) {
            cbor::Map other = process;
            other.insert_or_assign(key, value);
            EXPECT_FALSE(subject_from_cbor(other)) << key;
        }
    }
    cbor::Map large = process;
    large.insert_or_assign("pid", std::int64_t{1} << 32);
    EXPECT_FALSE(subject_from_cbor(large));
    for (const cbor::Value& value : {cbor::Value{}, cbor::Value("host"), cbor::Value(5)})
        EXPECT_FALSE(subject_from_cbor(value));
}

} // namespace
} // namespace minewarden::rules
