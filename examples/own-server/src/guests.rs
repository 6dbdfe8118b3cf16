//! `/guests`: what the other command has left behind; also at `GET /api/v1/guests`.

use nexus::command::prelude::*;

use crate::guestbook::Guestbook;

/// List who was greeted.
#[derive(Deserialize, JsonSchema)]
pub struct Guests {}

#[derive(Serialize, JsonSchema)]
pub struct Guest {
    name: String,
    times: u32,
}

impl Command for Guests {
    type Output = Vec<Guest>;

    const DEFINITION: Definition = Definition {
        examples: &[Example("/guests", "…guest…")],
        renderer: Some("table"),
        endpoint: Some(Endpoint::new(Method::Get, "/api/v1/guests")),
        ..Definition::rest("guests")
    };

    async fn run(&mut self, context: &Context) -> Result<Reply<Vec<Guest>>> {
        let guests = context.service::<Guestbook>()?.guests();
        let guests: Vec<_> = guests.into_iter().map(|(name, times)| Guest { name, times }).collect();
        let count = match guests.len() {
            1 => "One guest.".to_owned(),
            count => format!("{count} guests."),
        };
        Ok(Reply::new(count, guests))
    }
}

nexus::register!(Guests);
