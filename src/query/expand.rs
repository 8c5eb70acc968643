//! The `expand` parameter as a tree of names (contract §1.15). Whether a name is a relation is
//! asked later, against the schema.

use crate::query::limits;

/// A relation to expand, and what to expand of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpandNode {
    /// As the client wrote it; also the key of the answer.
    pub name: String,
    /// Relations of the related records.
    pub children: Vec<ExpandNode>,
}

/// Reads the parameter.
#[derive(Debug)]
pub struct Expand;

impl Expand {
    /// Reads `rel1,rel2.sub,coll_via_field`. What passes a limit is left out: a wrong path
    /// is no error in the contract either.
    pub fn parse(text: &str) -> Vec<ExpandNode> {
        let text: String = text.chars().filter(|c| *c != ' ').collect();
        let mut nodes = Vec::new();
        let mut budget = limits::EXPAND_NODES;
        for path in text.split(',') {
            let path = path.trim_matches('.');
            if path.is_empty() {
                continue;
            }
            let mut level = &mut nodes;
            for name in path.split('.').take(limits::EXPAND_LEVELS) {
                let Some(index) = place(level, name, &mut budget) else { break };
                level = &mut level[index].children;
            }
        }
        nodes
    }
}

/// The index of `name` in `level`, added when it is new and the budget allows.
fn place(level: &mut Vec<ExpandNode>, name: &str, budget: &mut usize) -> Option<usize> {
    if let Some(index) = level.iter().position(|node| node.name == name) {
        return Some(index);
    }
    *budget = budget.checked_sub(1)?;
    level.push(ExpandNode { name: name.to_owned(), children: Vec::new() });
    Some(level.len() - 1)
}

impl ExpandNode {
    /// Collection and field of a name that leads back: `posts_via_author` or `posts(author)`.
    pub fn back_relation(&self) -> Option<(&str, &str)> {
        back_relation(&self.name).or_else(|| {
            let (collection, field) = self.name.strip_suffix(')')?.split_once('(')?;
            is_word(collection).then_some(())?;
            is_word(field).then_some((collection, field))
        })
    }
}

/// Collection and field of `posts_via_author`.
pub fn back_relation(name: &str) -> Option<(&str, &str)> {
    let (collection, field) = name.split_once("_via_")?;
    (is_word(collection) && is_word(field)).then_some((collection, field))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree in one line: `a(b,c),d`.
    fn shown(nodes: &[ExpandNode]) -> String {
        let show = |node: &ExpandNode| match shown(&node.children) {
            below if below.is_empty() => node.name.clone(),
            below => format!("{}[{below}]", node.name),
        };
        nodes.iter().map(show).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn paths_make_a_tree() {
        for (text, expected) in [
            ("", ""),
            ("author", "author"),
            (" author , tags ", "author,tags"),
            ("author,author.org,author.org.x,tags", "author[org[x]],tags"),
            (".author.,..,", "author"),
            ("posts_via_author.tags", "posts_via_author[tags]"),
            ("a.b.c.d.e.f.g.h", "a[b[c[d[e[f]]]]]"),
        ] {
            assert_eq!(shown(&Expand::parse(text)), expected, "{text}");
        }
    }

    #[test]
    fn back_relations_have_two_spellings() {
        for (name, expected) in [
            ("posts_via_author", Some(("posts", "author"))),
            ("posts(author)", Some(("posts", "author"))),
            ("author", None),
            ("_via_author", None),
            ("posts(author", None),
            ("posts(au thor)", None),
        ] {
            let node = ExpandNode { name: name.to_owned(), children: Vec::new() };
            assert_eq!(node.back_relation(), expected, "{name}");
        }
    }

    #[test]
    fn the_number_of_relations_is_bounded() {
        let text: Vec<String> = (0..10_000).map(|i| format!("r{i}")).collect();
        assert_eq!(Expand::parse(&text.join(",")).len(), limits::EXPAND_NODES);
    }
}
