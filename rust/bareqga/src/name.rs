// SPDX-License-Identifier: MIT

/// A text that C can read as well: see [`name!`](crate::name!).
#[derive(Clone, Copy)]
pub struct Name(&'static str);

impl Name {
    /// Of a text that ends with the only NUL in it.
    ///
    /// # Panics
    /// If it does not: in a constant that is an error of compilation.
    pub const fn with_nul(text: &'static str) -> Name {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i + 1 < bytes.len() {
            assert!(bytes[i] != 0, "there is a NUL in this name");
            i += 1;
        }
        assert!(i < bytes.len() && bytes[i] == 0, "there is no NUL at the end of this name; use name!()");
        Name(text)
    }

    pub(crate) const fn as_ptr(self) -> *const u8 {
        self.0.as_ptr()
    }
}

/// A [`Name`] of a literal, checked when it is compiled: `name!("guest-ping")`.
#[macro_export]
macro_rules! name {
    ($text:literal) => {{
        const NAME: $crate::Name = $crate::Name::with_nul(concat!($text, "\0"));
        NAME
    }};
}
