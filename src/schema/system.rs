//! The collections every installation has (contract §4.2, appendix A), as data.

use crate::clock::DateTime;
use crate::schema::fields::{Autodate, File, Password, Text};
use crate::schema::{
    Collection, CollectionKind, Field, FieldType, Rules, auth_defaults, field_list, index, names,
};

/// The collection of superusers.
pub const SUPERUSERS: &str = "_superusers";
/// Pending second steps of sign-in.
pub const MFAS: &str = "_mfas";
/// One-time codes.
pub const OTPS: &str = "_otps";
/// Linked accounts of other services.
pub const EXTERNAL_AUTHS: &str = "_externalAuths";
/// Places a record signed in from.
pub const AUTH_ORIGINS: &str = "_authOrigins";

/// The table of sessions, which is no collection.
pub const SESSIONS: &str = "_gr_sessions";

/// The table of authenticator apps, which is no collection.
pub const TOTP: &str = "_gr_totp";

/// The tables whose rows belong to auth records, named as in the collections that do.
pub const AUTH_TABLES: [&str; 1] = [TOTP];

/// The collections whose rows belong to auth records of other collections.
pub const AUTH_SATELLITES: [&str; 4] = [EXTERNAL_AUTHS, MFAS, OTPS, AUTH_ORIGINS];

/// The superusers' tokens live a day.
const SUPERUSER_TOKEN_SECS: i64 = 86_400;

/// Rows of a satellite are seen by the record they belong to.
const OWNER: &str = "@request.auth.id != '' && recordRef = @request.auth.id && \
                     collectionRef = @request.auth.collectionId";

/// What a fresh database holds, in the order of creation.
pub fn collections(now: DateTime) -> Vec<Collection> {
    let mut all = vec![mfas(), otps(), external_auths(), auth_origins(), superusers(), users()];
    for collection in &mut all {
        collection.created = now.to_string();
        collection.updated = now.to_string();
    }
    all
}

fn mfas() -> Collection {
    let index = "CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` \
                 (collectionRef,recordRef)";
    satellite(MFAS, &["method"], Vec::new(), &[index])
}

fn otps() -> Collection {
    let index = "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` \
                 (collectionRef, recordRef)";
    let password = Password { cost: 8, ..Password::default() };
    let password = field_list::named("password", FieldType::Password(password));
    let own = vec![
        Field { system: true, hidden: true, required: true, ..password },
        Field { hidden: true, required: false, ..required_text("sentTo") },
    ];
    satellite(OTPS, &[], own, &[index])
}

fn external_auths() -> Collection {
    let indexes = [
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` \
         (collectionRef, recordRef, provider)",
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` \
         (collectionRef, provider, providerId)",
    ];
    deletable(satellite(EXTERNAL_AUTHS, &["provider", "providerId"], Vec::new(), &indexes))
}

fn auth_origins() -> Collection {
    let index = "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` \
                 (collectionRef, recordRef, fingerprint)";
    deletable(satellite(AUTH_ORIGINS, &["fingerprint"], Vec::new(), &[index]))
}

fn satellite(name: &str, texts: &[&str], own: Vec<Field>, indexes: &[&str]) -> Collection {
    let mut collection = Collection::scaffold("base");
    name.clone_into(&mut collection.name);
    collection.id = names::collection_id("base", name);
    collection.system = true;
    collection.rules =
        Rules { list: Some(OWNER.to_owned()), view: Some(OWNER.to_owned()), ..Rules::default() };
    collection.fields.extend([required_text("collectionRef"), required_text("recordRef")]);
    collection.fields.extend(texts.iter().map(|name| required_text(name)));
    collection.fields.extend(own);
    collection.fields.extend(autodates(true));
    collection.indexes = indexes.iter().map(|&text| text.to_owned()).collect();
    collection
}

fn deletable(mut collection: Collection) -> Collection {
    collection.rules.delete = Some(OWNER.to_owned());
    collection
}

fn superusers() -> Collection {
    let mut collection = auth(SUPERUSERS, names::collection_id("auth", SUPERUSERS));
    collection.system = true;
    collection.fields.extend(autodates(true));
    if let CollectionKind::Auth(options) = &mut collection.kind {
        options.auth_token.duration = SUPERUSER_TOKEN_SECS;
    }
    collection
}

fn users() -> Collection {
    let mut collection = auth("users", "_pb_users_auth_".to_owned());
    let own = || Some("id = @request.auth.id".to_owned());
    collection.rules = Rules {
        list: own(),
        view: own(),
        create: Some(String::new()),
        update: own(),
        delete: own(),
    };
    let name = Text { max: 255, ..Text::default() };
    let images = ["image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"];
    let avatar =
        File { max_select: 1, mime_types: images.map(str::to_owned).to_vec(), ..File::default() };
    collection.fields.push(field_list::named("name", FieldType::Text(name)));
    collection.fields.push(field_list::named("avatar", FieldType::File(avatar)));
    collection.fields.extend(autodates(false));
    if let CollectionKind::Auth(options) = &mut collection.kind {
        "name".clone_into(&mut options.oauth2.mapped_fields.name);
        "avatar".clone_into(&mut options.oauth2.mapped_fields.avatar_url);
    }
    collection
}

fn auth(name: &str, id: String) -> Collection {
    let mut collection = Collection::scaffold("auth");
    name.clone_into(&mut collection.name);
    collection.id = id;
    collection.indexes =
        ["tokenKey", "email"].map(|column| index::required_index(&collection, column)).to_vec();
    if let CollectionKind::Auth(options) = &mut collection.kind {
        auth_defaults::fill_secrets(options);
    }
    collection
}

fn required_text(name: &str) -> Field {
    let text = field_list::named(name, FieldType::Text(Text::default()));
    Field { system: true, required: true, ..text }
}

fn autodates(is_system: bool) -> [Field; 2] {
    let autodate = |name: &str, on_update: bool| {
        let kind = FieldType::Autodate(Autodate { on_create: true, on_update });
        Field { system: is_system, ..field_list::named(name, kind) }
    };
    [autodate("created", false), autodate("updated", true)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Collection {
        let all = collections(DateTime::from_unix_ms(0));
        all.into_iter().find(|collection| collection.name == name).unwrap()
    }

    #[test]
    fn the_order_and_the_ids_are_those_of_the_contract() {
        let all = collections(DateTime::from_unix_ms(0));
        let pairs: Vec<(&str, &str)> =
            all.iter().map(|c| (c.name.as_str(), c.id.as_str())).collect();
        assert_eq!(
            pairs,
            [
                ("_mfas", "pbc_2279338944"),
                ("_otps", "pbc_1638494021"),
                ("_externalAuths", "pbc_2281828961"),
                ("_authOrigins", "pbc_4275539003"),
                ("_superusers", "pbc_3142635823"),
                ("users", "_pb_users_auth_"),
            ]
        );
    }

    #[test]
    fn users_have_the_fields_of_the_contract() {
        let ids: Vec<String> = find("users").fields.into_iter().map(|field| field.id).collect();
        assert_eq!(
            ids,
            [
                "text3208210256",
                "password901924565",
                "text2504183744",
                "email3885137012",
                "bool1547992806",
                "bool256245529",
                "text1579384326",
                "file376926767",
                "autodate2990389176",
                "autodate3332085495",
            ]
        );
    }

    #[test]
    fn codes_hide_what_proves_them() {
        let otps = find("_otps");
        assert!(otps.field("password").unwrap().hidden);
        assert!(otps.field("sentTo").is_some_and(|field| field.hidden && !field.required));
        assert_eq!(otps.rules.delete, None);
        assert!(find("_authOrigins").rules.delete.is_some());
    }

    #[test]
    fn superusers_sign_in_for_a_day() {
        let superusers = find("_superusers");
        assert_eq!(superusers.auth().unwrap().auth_token.duration, 86_400);
        assert_eq!(
            superusers.indexes[1],
            "CREATE UNIQUE INDEX `idx_email_pbc_3142635823` ON `_superusers` (`email`) \
             WHERE `email` != ''"
        );
        assert_eq!(superusers.rules, Rules::default());
    }
}
