//! What the subjects and streams of a deployment are called. Nothing in a subject is written by a client: addresses and hashes
//! are hex, instances are UUIDs.

use uuid::Uuid;

use crate::address::Address;

pub struct Names {
    prefix: String,
}

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The stream of the log, and the one of what was admitted.
    pub fn log(&self) -> String {
        format!("{}-events", self.prefix)
    }

    pub fn admissions(&self) -> String {
        format!("{}-runs", self.prefix)
    }

    /// The buckets of what lasts, and of what passes.
    pub(super) fn lasting(&self) -> String {
        format!("{}-keys", self.prefix)
    }

    pub(super) fn passing(&self) -> String {
        format!("{}-passing", self.prefix)
    }

    /// Where the events of an address are published.
    pub fn events(&self, address: Address) -> String {
        format!("{}.events.{}", self.prefix, hex::encode(address.as_bytes()))
    }

    pub fn all_events(&self) -> String {
        format!("{}.events.*", self.prefix)
    }

    /// Where a node writes what it admits of an address.
    pub fn admitted(&self, instance: Uuid, address: Address) -> String {
        format!("{}.runs.{}.{}", self.prefix, instance.simple(), hex::encode(address.as_bytes()))
    }

    /// All that any node has admitted of an address.
    pub fn admitted_of(&self, address: Address) -> String {
        format!("{}.runs.*.{}", self.prefix, hex::encode(address.as_bytes()))
    }

    /// All that one node has admitted.
    pub fn admitted_by(&self, instance: Uuid) -> String {
        format!("{}.runs.{}.*", self.prefix, instance.simple())
    }

    pub(super) fn all_admitted(&self) -> String {
        format!("{}.runs.*.*", self.prefix)
    }

    /// Where nodes tell each other what the streams of an address are to hear that is not in the log.
    pub fn signals(&self, address: Address) -> String {
        format!("{}.signals.{}", self.prefix, hex::encode(address.as_bytes()))
    }

    pub fn every_signal(&self) -> String {
        format!("{}.signals.*", self.prefix)
    }

    /// The keys under which nodes say that they live, in the bucket of what lasts.
    pub const LEASES: &str = "nodes.*";

    /// That of one node.
    pub fn lease(instance: Uuid) -> String {
        format!("nodes.{}", instance.simple())
    }

    /// The node that says so under a key.
    pub fn instance_of(lease: &str) -> Option<Uuid> {
        lease.strip_prefix("nodes.")?.parse().ok()
    }

    /// The address that a subject ends in.
    pub fn address_of(subject: &str) -> Option<Address> {
        let mut bytes = [0; 20];
        hex::decode_to_slice(subject.rsplit('.').next()?, &mut bytes).ok()?;
        Some(Address::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_ends_in_the_address_in_small_hex() {
        let (names, address) = (Names::new("nexus"), Address::from_bytes([0xAB; 20]));
        let subject = names.events(address);
        assert_eq!(subject, format!("nexus.events.{}", "ab".repeat(20)));
        assert_eq!(Names::address_of(&subject), Some(address));
        assert_eq!(Names::address_of("nexus.signals.all"), None);
    }
}
