//! Addresses and networks, as lists of the settings hold them.

use std::net::IpAddr;

use crate::codes::Code;
use crate::error::{FieldErrors, Issue};

/// An address, or a network as `address/bits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.1`, `10.0.0.0/8` or their IPv6 kin.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether `address` lies within. An IPv4 address in IPv6 clothes counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address.to_canonical(), address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                // A network such as ::ffff:10.0.0.0/104 counts its bits from the left of 128.
                let bits =
                    if self.address.is_ipv6() { self.bits.saturating_sub(96) } else { self.bits };
                let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
                (own.to_bits() ^ other.to_bits()) & mask == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                (own.to_bits() ^ other.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

/// Whether any network of the list holds `address`; texts that are none hold nothing.
pub fn networks_contain(list: &[String], address: IpAddr) -> bool {
    list.iter().filter_map(|text| Network::parse(text)).any(|network| network.contains(address))
}

/// Notes every item of `list` that is no network, under its position.
pub(super) fn validate(list: &[String]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (at, text) in list.iter().enumerate() {
        if text.is_empty() {
            errors.add(at.to_string(), Issue::new(Code::Required));
        } else if Network::parse(text).is_none() {
            errors.add(at.to_string(), Issue::new(Code::InvalidIpOrSubnet));
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, address, held) in [
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("10.1.0.0/8", "10.200.3.4", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("10.0.0.0/8", "::ffff:10.9.9.9", true),
            ("::1", "::1", true),
            ("::/0", "fe80::1", true),
            ("::/0", "1.2.3.4", false),
            ("fe80::/10", "fe81::1", true),
            ("fe80::/10", "ff00::1", false),
        ] {
            let parsed = Network::parse(network).expect(network);
            assert_eq!(parsed.contains(address.parse().unwrap()), held, "{network} {address}");
        }
        for text in ["", "x", "1.2.3.4/40", "::1/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3/8"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
