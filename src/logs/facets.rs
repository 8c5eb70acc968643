//! What a stretch of the log is made of: counts by level, status, method and route, and how long
//! requests took, over time. For the screen of the dashboard that shows the log.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::DateTime;
use crate::error::{Error, Result};
use crate::json;
use crate::logs::ActivityLog;
use crate::logs::search::{Shape, int};
use crate::query::{self, ReadPlan};
use crate::schema::date_text;
use crate::store::Tx;

/// Entries that are looked at, the newest first.
const MOST: u64 = 100_000;
/// Buckets of time that an answer aims at, and that it has at most.
const BUCKETS: i64 = 60;
const MOST_BUCKETS: i64 = 1000;
/// Lengths of a bucket, in seconds: a minute, five, 15, an hour, six, a day, a week.
const LENGTHS: [i64; 7] = [60, 300, 900, 3600, 21_600, 86_400, 604_800];
const LONGEST: i64 = 31_536_000;

/// Leads from a method and a path to the pattern that both belong to.
pub type Fold = fn(&str, &str) -> &'static str;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct FacetQuery {
    /// Which entries, as for a list.
    pub filter: String,
    /// From when on; empty for the first one.
    pub from: String,
    /// Before when; empty for the last one.
    pub to: String,
    /// Seconds of a bucket; chosen where it is not said.
    pub bucket: Option<i64>,
}

/// What of an entry's data is looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    method: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    url: std::borrow::Cow<'a, str>,
    status: Option<u16>,
    exec_time: Option<f64>,
}

/// One entry.
struct Seen {
    second: i64,
    level: i64,
    status: Option<u16>,
    method: String,
    route: Option<&'static str>,
    millis: Option<f64>,
}

/// Entries that belong together.
#[derive(Default)]
struct Group {
    ok: u64,
    client: u64,
    server: u64,
    /// Entries that are no requests.
    other: u64,
    millis: Vec<f64>,
}

impl Group {
    fn add(&mut self, seen: &Seen) {
        let kind = match seen.status {
            Some(500..) => &mut self.server,
            Some(400..) => &mut self.client,
            Some(_) => &mut self.ok,
            None => &mut self.other,
        };
        *kind += 1;
        self.millis.extend(seen.millis);
    }

    fn total(&self) -> u64 {
        self.ok + self.client + self.server + self.other
    }

    /// Counts and percentiles, in milliseconds.
    fn shown(mut self, count: &str) -> Map<String, Value> {
        self.millis.sort_unstable_by(f64::total_cmp);
        let mut shown = Map::new();
        for (name, number) in [
            (count, self.total()),
            ("ok", self.ok),
            ("client", self.client),
            ("server", self.server),
            ("other", self.other),
        ] {
            shown.insert(name.into(), number.into());
        }
        for (name, percent) in [("p50", 50), ("p95", 95), ("p99", 99), ("max", 100)] {
            // The smallest that so many percent do not pass.
            let rank = (self.millis.len() * percent).div_ceil(100).saturating_sub(1);
            shown.insert(name.into(), self.millis.get(rank).copied().into());
        }
        shown
    }
}

impl ActivityLog {
    /// The JSON of what the entries that `filter` finds are made of, the newest 100,000 of them.
    ///
    /// # Errors
    /// 400 for a filter that means nothing and a bucket that is no length.
    pub async fn facets(&self, input: FacetQuery, fold: Fold) -> Result<Vec<u8>> {
        let shape = Shape::new(self.clock())?;
        let mut predicates = shape
            .filter(&input.filter)
            .map_err(|e| Error::bad_request("Invalid filter format.").with_source(e))?;
        for (text, sign) in [(&input.from, ">="), (&input.to, "<")] {
            if !text.is_empty() {
                let moment = date_text::parse(text).ok_or_else(Error::invalid_request)?;
                predicates.extend(shape.filter(&format!("created {sign} '{moment}'"))?);
            }
        }
        if input.bucket.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
            return Err(Error::bad_request("A bucket has 1 to 31536000 seconds."));
        }
        let plan = ReadPlan {
            predicates,
            sort: query::client_sort(&shape.schema, &shape.collection, "-@rowid", &shape.cx)?,
            limit: Some(MOST + 1),
            ..shape.plan(&["created", "level", "data"])
        };
        let read = move |tx: &Tx<'_>| {
            let mut all = Vec::new();
            tx.query(&query::select(&plan, tx.dialect()), |row| {
                let created = date_text::parse(row.get(0).text());
                let second = created.map_or(0, |created| created.unix_secs());
                all.push(seen(second, int(row, 1), row.get(2).text(), fold));
                Ok(())
            })?;
            Ok(all)
        };
        let mut all = self.read(read).await?;
        let is_cut = all.len() as u64 > MOST;
        all.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        Ok(json::to_string(&summary(&all, input.bucket, is_cut)).into_bytes())
    }
}

fn seen(second: i64, level: i64, data: &str, fold: Fold) -> Seen {
    let data: Data<'_> = serde_json::from_str(data).unwrap_or_default();
    let path = data.url.split(['?', '#']).next().unwrap_or_default();
    let route = (!data.method.is_empty()).then(|| fold(&data.method, path));
    Seen {
        second,
        level,
        status: data.status,
        method: data.method.into_owned(),
        route,
        millis: data.exec_time.filter(|millis| millis.is_finite()),
    }
}

fn summary(all: &[Seen], bucket: Option<i64>, is_cut: bool) -> Value {
    let mut levels: BTreeMap<i64, u64> = BTreeMap::new();
    let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
    let mut methods: BTreeMap<&str, u64> = BTreeMap::new();
    let mut routes: BTreeMap<(&str, &str), Group> = BTreeMap::new();
    let mut buckets: BTreeMap<i64, Group> = BTreeMap::new();
    let mut whole = Group::default();
    let length = length(all, bucket);
    for seen in all {
        whole.add(seen);
        *levels.entry(seen.level).or_default() += 1;
        buckets.entry(seen.second.div_euclid(length) * length).or_default().add(seen);
        if let Some(status) = seen.status {
            *statuses.entry(status).or_default() += 1;
        }
        if let Some(route) = seen.route {
            *methods.entry(&seen.method).or_default() += 1;
            routes.entry((&seen.method, route)).or_default().add(seen);
        }
    }
    let mut routes: Vec<((&str, &str), Group)> = routes.into_iter().collect();
    routes.sort_by_key(|(_, group)| std::cmp::Reverse(group.total()));
    let routes = routes.into_iter().map(|((method, route), group)| {
        let mut shown = group.shown("count");
        shown.insert("value".into(), format!("{method} {route}").into());
        Value::Object(shown)
    });
    let buckets = buckets.into_iter().map(|(second, group)| {
        let mut shown = group.shown("total");
        let date = DateTime::from_unix_ms(second.saturating_mul(1000)).to_string();
        shown.insert("date".into(), date.into());
        Value::Object(shown)
    });
    let counted = |value: String, count: u64| json!({"value": value, "count": count});
    let facets = json!({
        "level": levels.iter().map(|(l, n)| counted(l.to_string(), *n)).collect::<Vec<_>>(),
        "status": statuses.iter().map(|(s, n)| counted(s.to_string(), *n)).collect::<Vec<_>>(),
        "method": methods.iter().map(|(m, n)| counted((*m).to_owned(), *n)).collect::<Vec<_>>(),
        "route": routes.collect::<Vec<_>>(),
    });
    let mut answer = whole.shown("total");
    answer.insert("buckets".into(), buckets.collect());
    answer.insert("facets".into(), facets);
    answer.insert("bucketSeconds".into(), length.into());
    answer.insert("isCut".into(), is_cut.into());
    Value::Object(answer)
}

/// The seconds of a bucket: those asked for, if that makes not too many, or what makes about as
/// many as a chart shows.
fn length(all: &[Seen], asked: Option<i64>) -> i64 {
    let first = all.iter().map(|seen| seen.second).min().unwrap_or(0);
    let last = all.iter().map(|seen| seen.second).max().unwrap_or(0);
    let span = last - first;
    let fits = |length: &i64, most: i64| span / length <= most;
    let chosen = LENGTHS.into_iter().find(|length| fits(length, BUCKETS));
    let chosen = chosen.unwrap_or_else(|| (span / BUCKETS).max(1));
    asked.filter(|length| fits(length, MOST_BUCKETS)).unwrap_or(chosen)
}
