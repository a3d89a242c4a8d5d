//! Fields of stored entities: one list of them serves writing and reading, so the two cannot drift apart. Little endian.

/// What is wrong with stored bytes.
pub type Damage = &'static str;

/// One direction of storing: each call writes the value or replaces it by what was read.
pub trait Fields {
    /// Eight bits.
    fn u8(&mut self, value: &mut u8) -> Result<(), Damage>;
    /// Sixteen bits.
    fn u16(&mut self, value: &mut u16) -> Result<(), Damage>;
    /// 32 bits.
    fn u32(&mut self, value: &mut u32) -> Result<(), Damage>;
    /// 64 bits.
    fn u64(&mut self, value: &mut u64) -> Result<(), Damage>;

    /// A signed word of 32 bits.
    fn i32(&mut self, value: &mut i32) -> Result<(), Damage> {
        let mut bits = value.cast_unsigned();
        self.u32(&mut bits)?;
        *value = bits.cast_signed();
        Ok(())
    }

    /// A signed word of 64 bits.
    fn i64(&mut self, value: &mut i64) -> Result<(), Damage> {
        let mut bits = value.cast_unsigned();
        self.u64(&mut bits)?;
        *value = bits.cast_signed();
        Ok(())
    }

    /// A signed number of 128 bits, its low half first.
    fn i128(&mut self, value: &mut i128) -> Result<(), Damage> {
        let [mut low, mut high] = crate::ledger::halves(*value);
        self.u64(&mut low)?;
        self.u64(&mut high)?;
        *value = ((u128::from(high) << 64) | u128::from(low)).cast_signed();
        Ok(())
    }

    /// A truth value: 0 or 1.
    fn bool(&mut self, value: &mut bool) -> Result<(), Damage> {
        let mut bits = u8::from(*value);
        self.u8(&mut bits)?;
        *value = match bits {
            0 => false,
            1 => true,
            _ => return Err("a truth value is neither 0 nor 1"),
        };
        Ok(())
    }

    /// A code of the wire by its number.
    fn code<T: Copy>(
        &mut self,
        value: &mut T,
        number: impl Fn(T) -> u8,
        from_number: impl Fn(u8) -> Option<T>,
    ) -> Result<(), Damage> {
        let mut of_value = number(*value);
        self.u8(&mut of_value)?;
        *value = from_number(of_value).ok_or("a code has a number that it does not know")?;
        Ok(())
    }

    /// A fixed number of words.
    fn words(&mut self, values: &mut [u64]) -> Result<(), Damage> {
        values.iter_mut().try_for_each(|value| self.u64(value))
    }
}

/// An entity with a list of its fields.
pub trait Stored: Sized {
    /// An entity to read into.
    fn blank() -> Self;

    /// Every field that does not follow from others, in the order in which they are stored. Implementations take the entity
    /// apart without `..`, so a field that is added does not compile until somebody has decided what becomes of it.
    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage>;
}

/// Appends fields to bytes.
pub struct Writer<'a>(pub &'a mut Vec<u8>);

impl Fields for Writer<'_> {
    #[inline]
    fn u8(&mut self, value: &mut u8) -> Result<(), Damage> {
        self.0.push(*value);
        Ok(())
    }

    #[inline]
    fn u16(&mut self, value: &mut u16) -> Result<(), Damage> {
        self.0.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    #[inline]
    fn u32(&mut self, value: &mut u32) -> Result<(), Damage> {
        self.0.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    #[inline]
    fn u64(&mut self, value: &mut u64) -> Result<(), Damage> {
        self.0.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }
}

impl Writer<'_> {
    /// Appends an entity. Writing cannot fail.
    pub fn put(&mut self, entity: &mut impl Stored) {
        let written = entity.fields(self);
        debug_assert!(written.is_ok(), "Invariant: a sound entity can be written");
    }
}

/// Takes fields off bytes.
pub struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let (bytes, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or("a section ends within a record")?;
        self.0 = rest;
        Ok(*bytes)
    }

    /// Reads an entity.
    pub fn get<T: Stored>(&mut self) -> Result<T, Damage> {
        let mut entity = T::blank();
        entity.fields(self)?;
        Ok(entity)
    }

    /// Nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Fields for Reader<'_> {
    fn u8(&mut self, value: &mut u8) -> Result<(), Damage> {
        *value = u8::from_le_bytes(self.take()?);
        Ok(())
    }

    fn u16(&mut self, value: &mut u16) -> Result<(), Damage> {
        *value = u16::from_le_bytes(self.take()?);
        Ok(())
    }

    fn u32(&mut self, value: &mut u32) -> Result<(), Damage> {
        *value = u32::from_le_bytes(self.take()?);
        Ok(())
    }

    fn u64(&mut self, value: &mut u64) -> Result<(), Damage> {
        *value = u64::from_le_bytes(self.take()?);
        Ok(())
    }
}

/// Folds the sequence of fields into a number, so that bytes with other fields are known for what they are.
pub struct Layout(pub u64);

impl Layout {
    /// Takes an entity's fields in.
    pub fn add<T: Stored>(&mut self) {
        self.fold(0);
        // A blank entity need not be a sound one; its fields up to there are what counts.
        let _ = T::blank().fields(self);
    }

    const fn fold(&mut self, field: u64) {
        self.0 = crate::mixing::mix64(self.0.wrapping_add(field + 1));
    }
}

impl Fields for Layout {
    fn u8(&mut self, _: &mut u8) -> Result<(), Damage> {
        self.fold(1);
        Ok(())
    }

    fn u16(&mut self, _: &mut u16) -> Result<(), Damage> {
        self.fold(2);
        Ok(())
    }

    fn u32(&mut self, _: &mut u32) -> Result<(), Damage> {
        self.fold(4);
        Ok(())
    }

    fn u64(&mut self, _: &mut u64) -> Result<(), Damage> {
        self.fold(8);
        Ok(())
    }
}
