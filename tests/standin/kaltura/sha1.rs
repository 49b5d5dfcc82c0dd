//! SHA-1, the default hash type of Kaltura's application tokens; not worth a dependency.

/// The digest of a short message.
pub fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded.chunks_exact(64) {
        let mixed = rounds(state, &schedule(block));
        for (word, mixed) in state.iter_mut().zip(mixed) {
            *word = word.wrapping_add(mixed);
        }
    }
    let mut digest = [0; 20];
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn schedule(block: &[u8]) -> [u32; 80] {
    let mut words = [0_u32; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
    }
    for at in 16..80 {
        words[at] = (words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16]).rotate_left(1);
    }
    words
}

fn rounds(state: [u32; 5], words: &[u32; 80]) -> [u32; 5] {
    let [mut first, mut second, mut third, mut fourth, mut fifth] = state;
    for (round, word) in words.iter().enumerate() {
        let (mixed, constant) = match round / 20 {
            0 => ((second & third) | (!second & fourth), 0x5a82_7999),
            1 => (second ^ third ^ fourth, 0x6ed9_eba1),
            2 => ((second & third) | (second & fourth) | (third & fourth), 0x8f1b_bcdc_u32),
            _ => (second ^ third ^ fourth, 0xca62_c1d6),
        };
        let next =
            first.rotate_left(5).wrapping_add(mixed).wrapping_add(fifth).wrapping_add(constant).wrapping_add(*word);
        (first, second, third, fourth, fifth) = (next, first, second.rotate_left(30), third, fourth);
    }
    [first, second, third, fourth, fifth]
}
