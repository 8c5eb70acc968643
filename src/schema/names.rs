//! Ids that follow from names, so that every installation gives the same ones (contract §1.6).

/// `<kind><crc32 of the name>`, such as `text724990059`.
pub fn field_id(kind: &str, name: &str) -> String {
    format!("{kind}{}", crc32fast::hash(name.as_bytes()))
}

/// `pbc_<crc32 of type and name>`, such as `pbc_3834699042`.
pub fn collection_id(type_name: &str, name: &str) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(type_name.as_bytes());
    hasher.update(name.as_bytes());
    format!("pbc_{}", hasher.finalize())
}

/// `base`, or `base2`, `base3`, … when it is taken.
pub fn first_free(base: String, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&base) {
        return base;
    }
    let mut suffix = 2_u64;
    loop {
        let name = format!("{base}{suffix}");
        if !is_taken(&name) {
            return name;
        }
        suffix += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_names() {
        assert_eq!(field_id("text", "title"), "text724990059");
        assert_eq!(field_id("autodate", "created"), "autodate2990389176");
        assert_eq!(collection_id("base", "cats"), "pbc_3834699042");
        assert_eq!(collection_id("auth", "_superusers"), "pbc_3142635823");
    }

    #[test]
    fn a_taken_id_gets_a_number() {
        assert_eq!(first_free("a".to_owned(), |_| false), "a");
        assert_eq!(first_free("a".to_owned(), |id| id == "a" || id == "a2"), "a3");
    }
}
