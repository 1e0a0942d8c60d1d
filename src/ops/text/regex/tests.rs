use super::*;

fn find(pattern: &str, text: &str) -> Option<(usize, usize)> {
    Regex::new(pattern).unwrap().search().find(text, 0).unwrap()
}

fn is_whole(pattern: &str, text: &str) -> bool {
    find(pattern, text) == Some((0, text.len()))
}

/// Answers of onnxruntime 1.31's `RegexFullMatch`, which is RE2's.
#[test]
fn whole_texts() {
    for (pattern, yes, no) in [
        (r"www\.[\w.-]+\.\bcom\b", &["www.google.com"][..], &["http://x", "a\nb"][..]),
        ("a.b", &["axb", "aéb"], &["a\nb", "ab"]),
        ("(?s)a.b", &["a\nb"], &[]),
        ("a|ab", &["a", "ab"], &["b"]),
        (r"\w", &["e", "_"], &["é"]),
        (".", &["é", "e"], &["", "ab"]),
        (r"\d", &["3"], &["٣"]),
        ("(?i)é", &["É", "é"], &["e"]),
        ("(?i)k", &["K", "\u{212a}"], &[]),
        ("(?i)[s]", &["ſ", "S"], &["t"]),
        ("(?i)a(?-i:b)", &["Ab"], &["aB"]),
        ("[[:alpha:]]", &["x"], &["é"]),
        ("[[:^digit:]_]", &["é", "_"], &["7"]),
        ("a$", &["a"], &["a\n"]),
        ("(?m)a$\n^b", &["a\nb"], &[]),
        ("(?P<x>a)b", &["ab"], &[]),
        ("(?<x>a)b", &["ab"], &[]),
        (r"\Aab\z", &["ab"], &["abc"]),
        (r"\Qa+b\E+", &["a+b", "a+bbb"], &["aab"]),
        (r"\x41\x{1F600}\101\a", &["A😀A\x07"], &[]),
        ("[[a]&&[a]]", &["a&&a]", "[&&a]"], &["a"]),
        ("[]a-]+", &["]-a"], &["b"]),
        ("[^a]", &["\n", "b"], &["a"]),
        (r"[\d\-x]+", &["1-x"], &["y"]),
        (r"[^\W\d]", &["a", "_"], &["1", "é"]),
        ("a{2}b{1,2}c{0,}", &["aab", "aabbcc"], &["ab", "aabbb"]),
        ("a{,2}", &["a{,2}"], &["a"]),
        ("(?:a|b)*?c", &["abac", "c"], &["ab"]),
        ("(a*)*", &["", "aaa"], &["b"]),
        ("(|a)+", &["", "aa"], &[]),
        ("", &[""], &["a"]),
        ("a{0}", &[""], &["a"]),
    ] {
        for text in yes {
            assert!(is_whole(pattern, text), "{pattern} {text:?}");
        }
        for text in no {
            assert!(!is_whole(pattern, text), "{pattern} {text:?}");
        }
    }
}

#[test]
fn the_longest_of_the_leftmost() {
    assert_eq!(find("a|aa", "baab"), Some((1, 3)));
    assert_eq!(find("abcd|bc", "abcx"), Some((1, 3)));
    assert_eq!(find("abcd|bc", "abcd"), Some((0, 4)));
    assert_eq!(find("a*", "baa"), Some((0, 0)));
    assert_eq!(find("é+", "aéé"), Some((1, 5)));
    assert_eq!(find(r"\b\w\w+\b", "a bc"), Some((2, 4)));
    let regex = Regex::new(r"^|\bb").unwrap();
    assert_eq!(regex.search().find("ab", 1).unwrap(), None);
    assert_eq!(regex.search().find("ab", 2).unwrap(), None);
    assert_eq!(regex.search().find("ab", 3).unwrap(), None);
}

#[test]
fn what_re2_refuses() {
    for pattern in [
        "(?=a)a",
        r"(a)\1",
        "a{1001}",
        "(?x)a b",
        "a++",
        "a**",
        "(?u)a",
        "(",
        ")",
        "[",
        "[]",
        "*a",
        "a|*",
        "(*)",
        r"\Z",
        r"\_",
        r"\é",
        r"\pL",
        r"\C",
        "[b-a]",
        "(?<!a)",
        "(?P<>a)",
        r"\8",
        r"\x4",
        r"\x{}",
        r"\x{110000}",
        "[[:foo:]]",
        r"[a-\d]",
        r"\",
        "(?i",
        "(?--i)",
        "a{2,1}",
        "(a{100}){100}",
    ] {
        let error = Regex::new(pattern).err().unwrap_or_else(|| panic!("{pattern}"));
        assert_eq!(error.code(), Code::OpUnsupported);
    }
    assert!(Regex::new(&"(".repeat(5000)).is_err());
    assert!(Regex::new(&"a".repeat(20_000)).is_err());
    assert!(Regex::new(&format!("(?:{}){{1000}}", "ab".repeat(20))).is_err());
    assert!(Regex::new("((((((){1000}){1})*)*)*)*").is_ok());
}

#[test]
fn hard_patterns_take_linear_time() {
    let text = "a".repeat(20_000);
    assert_eq!(find("(a*)*b", &text), None);
    assert_eq!(find("(a|aa)+$", &text), Some((0, 20_000)));
    assert_eq!(find("(?:a?){30}a{30}", &text[..30]), Some((0, 30)));
}

#[test]
fn no_pattern_and_no_text_panics() {
    let pieces = [
        "a", "b", "(", ")", "(?:", "(?i)", "[", "]", "[^", "-", "\\", "\\b", "\\Q", "\\E", "\\x",
        "{", "}", "{1,2}", "{0}", "{2,}", "*", "+", "?", "|", "^", "$", ".", "é", "ß", ":", "[:",
        ":]", "alpha", "1", "0", ",", "<", ">", "P", "\n", " ",
    ];
    let mut state = 1u64;
    let mut piece = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        pieces[(state >> 33) as usize % pieces.len()]
    };
    let mut valid = 0;
    for length in (0..12).cycle().take(20_000) {
        let pattern: String = (0..length).map(|_| piece()).collect();
        let text: String = (0..5).map(|_| piece()).collect();
        let Ok(regex) = Regex::new(&pattern) else { continue };
        valid += 1;
        let mut search = regex.search();
        let mut from = 0;
        while let Some((start, end)) = search.find(&text, from).unwrap() {
            assert!(from <= start && start <= end && text.get(start..end).is_some());
            from = if end > start { end } else { end + 1 };
        }
    }
    assert!(valid > 2000, "{valid}");
}
